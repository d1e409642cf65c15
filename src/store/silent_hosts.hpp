#pragma once
// The hosts of a database that did not answer the last attempt. One connection records them, so that the others do not
// wait for the same host again. Shared by all connections of the program.

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
  static constexpr std::size_t kMost = 64;  // addresses behind a name change, so the URL does not bound their number

  mutable std::mutex lock_;
  std::vector<std::string> hosts_;  // the one silent for longest is first
};

}  // namespace nx::store
