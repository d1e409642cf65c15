#pragma once
// Which hosts of a database did not answer when they were asked last: what one connection learns spares the others the
// same wait. Shared by the connections of a program.

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace nx::store {

class SilentHosts {
 public:
  void add(const std::string& host) {
    const std::lock_guard guard{lock_};
    if (std::find(hosts_.begin(), hosts_.end(), host) != hosts_.end()) return;
    if (hosts_.size() >= kMost) hosts_.erase(hosts_.begin());
    hosts_.push_back(host);
  }
  void remove(const std::string& host) {
    const std::lock_guard guard{lock_};
    std::erase(hosts_, host);
  }
  bool has(const std::string& host) const {
    const std::lock_guard guard{lock_};
    return std::find(hosts_.begin(), hosts_.end(), host) != hosts_.end();
  }

 private:
  static constexpr std::size_t kMost = 64;  // addresses behind a name change, their number is not bounded by the URL

  mutable std::mutex lock_;
  std::vector<std::string> hosts_;  // the longest silent first
};

}  // namespace nx::store
