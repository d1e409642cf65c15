#pragma once
// The names under which a listener answers: what stands against DNS rebinding, where a page of another site resolves
// its own name to our address. Immutable; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace nx::transport {

class HostNames {
 public:
  /// localhost, 127.0.0.1 and [::1].
  static HostNames loopback();

  /// Of a listener on `host`: that name or address; the loopback names where it is one of them; on any address
  /// (0.0.0.0, ::, empty) also the machine's own name and every address, which nobody can rebind.
  static HostNames of_listener(std::string_view host);

  /// The value of a Host header, with or without a port; letter case and brackets aside. False for none.
  bool has(std::string_view host) const;

 private:
  std::vector<std::string> names_;
  bool any_address_ = false;
};

}  // namespace nx::transport
