#pragma once
// One thread's event loop: epoll readiness, posted tasks, periodic ticks and an end-of-turn hook. A connection is born
// on one loop and dies there. The thread inside run() is the home thread; every method says who may call it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace nx::runtime {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Readiness bits, the values of EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLRDHUP.
struct Ready {
  static constexpr std::uint32_t kRead = 0x001;
  static constexpr std::uint32_t kWrite = 0x004;
  static constexpr std::uint32_t kError = 0x008;
  static constexpr std::uint32_t kHangUp = 0x010;
  static constexpr std::uint32_t kPeerClosed = 0x2000;
};

/// Implemented by whoever owns a descriptor. May unwatch and destroy itself inside on_ready; the loop does not touch it
/// afterwards in that turn, not even for events of it that were already fetched.
class IoHandler {
 public:
  virtual ~IoHandler() = default;
  virtual void on_ready(std::uint32_t ready) = 0;
};

class EventLoop {
 public:
  using Task = std::function<void()>;

  explicit EventLoop(std::string name);  // the thread's name, ≤ 15 characters
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs until stop(). The calling thread is the home thread from then on. Tasks posted before stop() are still run.
  void run();
  void stop();  // any thread

  /// Any thread. Runs `task` on the home thread, in order per posting thread; wakes the loop only when its queue was
  /// empty. Very many of them take several turns, with I/O and ticks between. Unbounded by itself: whoever posts in
  /// volume bounds what is outstanding. A task posted after the loop ended is destroyed unrun with the loop.
  void post(Task task);

  bool is_home() const;  // any thread; true also before run()

  // Home thread only, or before run():

  /// Level-triggered. `handler` is borrowed until unwatch(). Throws std::system_error when the kernel refuses
  /// (descriptor limit).
  void watch(int fd, IoHandler& handler, std::uint32_t interest);
  void rewatch(int fd, IoHandler& handler, std::uint32_t interest);
  void unwatch(int fd, IoHandler& handler);

  /// Called again and again, `period` after the last call began; never removed.
  void every(std::chrono::milliseconds period, Task tick);

  /// Called once at the end of each turn that did anything, after I/O, tasks and ticks: the place to flush what the
  /// turn has queued.
  void at_turn_end(Task flush);

  /// There is more to do at the end of the next turn: it does not wait for anything.
  void again();

  /// The time at the start of this turn.
  SteadyTime now() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::runtime
