#pragma once
// Host names → addresses, without blocking the bus thread: the system's resolver may take long, so it has a thread of
// its own, which is made when the first name (no literal) is asked for.

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
  /// Waits for the look-up that runs, not for those that are queued.
  ~NameLookup() {
    if (pool_) pool_->abandon();
  }

  /// On the home loop; `answer` is called there, never within this call. Nobody is looked up for an `asker` that is
  /// gone when its turn comes, and nothing answered.
  void ask(const redis::Node& node, std::weak_ptr<const void> asker, Answer answer);

 private:
  struct Nothing {};
  static constexpr std::size_t kMaxQueued = 64;

  runtime::EventLoop& home_;
  std::unique_ptr<runtime::BlockingPool<Nothing>> pool_;
};

}  // namespace nx::bus
