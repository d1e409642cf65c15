#pragma once
// Resolves host names without blocking the bus thread. The system's resolver may take long, so it runs on a thread of
// its own, which is started at the first name that is not a literal.

#include <functional>
#include <memory>
#include <string>

#include "redis/redis_url.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/event_loop.hpp"
#include "transport/outgoing.hpp"

namespace nx::bus {

class NameLookup {
 public:
  using Answer = std::function<void(Result<std::vector<transport::SocketAddress>>)>;

  explicit NameLookup(runtime::EventLoop& home) : home_(home) {}
  /// Waits for the running look-up, but not for the queued ones.
  ~NameLookup() {
    if (pool_) pool_->abandon();
  }

  /// Home loop only; `answer` is called there, never within this call. When `asker` is gone by the time its turn comes,
  /// nothing is looked up and `answer` is not called.
  void ask(const redis::Node& node, std::weak_ptr<const void> asker, Answer answer);

 private:
  struct Nothing {};
  static constexpr std::size_t kMaxQueued = 64;

  runtime::EventLoop& home_;
  std::unique_ptr<runtime::BlockingPool<Nothing>> pool_;
};

}  // namespace nx::bus
