#pragma once
// The addresses behind a host's name, within a time: the resolver's own patience is as long as the machine's
// configuration says. Used by one thread at a time.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/result.hpp"

namespace nx::store::postgres {

class HostLookup {
 public:
  /// Numeric addresses, in the resolver's order; at once for what is one already. A look-up that takes longer goes on
  /// beside us, and a later call takes its answer, so that there is never a second one for the same name.
  Result<std::vector<std::string>> find(const std::string& name, std::chrono::steady_clock::time_point deadline);

 private:
  struct Answer;
  std::map<std::string, std::shared_ptr<Answer>> pending_;
};

}  // namespace nx::store::postgres
