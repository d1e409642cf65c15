#pragma once
// The host names to which a listener answers. This is the protection against DNS rebinding, where a page of another
// site resolves its own name to our address. Immutable; any thread.

#include <string>
#include <string_view>
#include <vector>

namespace nx::transport {

class HostNames {
 public:
  /// localhost, 127.0.0.1 and [::1].
  static HostNames loopback();

  /// The names of a listener on `host`: `host` itself; also the loopback names if it is one of them; on any address
  /// (0.0.0.0, ::, empty) also the machine's own name and every literal address, because an address cannot be rebound.
  static HostNames of_listener(std::string_view host);

  /// `host` is the value of a Host header, with or without a port; letter case and brackets are ignored. False when it
  /// is invalid.
  bool has(std::string_view host) const;

 private:
  std::vector<std::string> names_;
  bool any_address_ = false;
};

}  // namespace nx::transport
