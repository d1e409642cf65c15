#pragma once
// The event loop of one thread: epoll readiness, posted tasks, periodic ticks and a hook at the end of each turn. A
// connection stays on one loop. The thread inside run() is the home thread; every method says which threads may call
// it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace nx::runtime {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Readiness bits, with the values of EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLRDHUP.
struct Ready {
  static constexpr std::uint32_t kRead = 0x001;
  static constexpr std::uint32_t kWrite = 0x004;
  static constexpr std::uint32_t kError = 0x008;
  static constexpr std::uint32_t kHangUp = 0x010;
  static constexpr std::uint32_t kPeerClosed = 0x2000;
};

/// Implemented by the owner of a descriptor. May unwatch and destroy itself inside on_ready; afterwards the loop does
/// not use it in that turn, not even for events that were already fetched.
class IoHandler {
 public:
  virtual ~IoHandler() = default;
  virtual void on_ready(std::uint32_t ready) = 0;
};

class EventLoop {
 public:
  using Task = std::function<void()>;

  explicit EventLoop(std::string name);  // the name of the thread, at most 15 characters
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs until stop(). The calling thread is the home thread from then on. Tasks posted before stop() are still run.
  void run();
  void stop();  // any thread

  /// Any thread. Runs `task` on the home thread, in order per posting thread; wakes the loop only when its queue was
  /// empty. A large number of tasks is spread over several turns, with I/O and ticks in between. The queue is
  /// unbounded: a caller that posts many tasks must bound them itself. A task posted after the loop has ended is
  /// destroyed with the loop without being run.
  void post(Task task);

  bool is_home() const;  // any thread; true also before run()

  // Home thread only, or before run():

  /// Level-triggered. `handler` is borrowed until unwatch(). Throws std::system_error when the kernel refuses the
  /// descriptor (limit of descriptors).
  void watch(int fd, IoHandler& handler, std::uint32_t interest);
  void rewatch(int fd, IoHandler& handler, std::uint32_t interest);
  void unwatch(int fd, IoHandler& handler);

  /// Calls `tick` periodically, `period` after the beginning of the last call. It cannot be removed.
  void every(std::chrono::milliseconds period, Task tick);

  /// Calls `flush` once at the end of each turn that did any work, after I/O, tasks and ticks: the place to flush what
  /// was queued in the turn.
  void at_turn_end(Task flush);

  /// Makes the next turn begin without waiting, because there is more to do at its end.
  void again();

  /// The time at the start of this turn.
  SteadyTime now() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::runtime
