#pragma once
// Number of the questions of one shard to the authenticator, the database and the HTTP handler that are not answered
// yet. The shard's loop runs until there are none or their time is over. Home thread only.

#include <cstddef>

namespace nx::gateway {

class OpenQuestions {
 public:
  void ask() { ++count_; }
  /// The HTTP handler may answer more than once.
  void answer() {
    if (count_ > 0) --count_;
  }
  bool none() const { return count_ == 0; }

 private:
  std::size_t count_ = 0;
};

}  // namespace nx::gateway
