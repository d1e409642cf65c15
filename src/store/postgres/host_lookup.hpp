#pragma once
// Looks up the addresses of a host name within a deadline; the time-out of the resolver itself depends on the machine's
// configuration. Used by one thread at a time.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/result.hpp"

namespace nx::store::postgres {

class HostLookup {
 public:
  /// Numeric addresses, in the resolver's order; a numeric address is returned at once. A look-up that exceeds the
  /// deadline continues in the background, and a later call takes its result, so that there are never two simultaneous
  /// look-ups of the same name.
  Result<std::vector<std::string>> find(const std::string& name, std::chrono::steady_clock::time_point deadline);

 private:
  struct Answer;
  std::map<std::string, std::shared_ptr<Answer>> pending_;
};

}  // namespace nx::store::postgres
