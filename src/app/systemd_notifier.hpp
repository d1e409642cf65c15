#pragma once
// Tells systemd the state of the service (sd_notify(3)): ready, reloading, stopping, and the watchdog's messages.
// On a thread of its own, because its socket may be full. Without NOTIFY_SOCKET in the environment there is no thread
// and nothing is sent.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace nx::app {

class SystemdNotifier {
 public:
  /// True while every part that must not stand still has moved within that time.
  using Alive = std::function<bool(std::chrono::milliseconds within)>;

  /// With WATCHDOG_USEC in the environment, `alive` is called twice in that time, on the notifier's thread, until
  /// stopping(); no watchdog message is sent when it is false.
  explicit SystemdNotifier(Alive alive);
  ~SystemdNotifier();  // sends what is left
  SystemdNotifier(const SystemdNotifier&) = delete;
  SystemdNotifier& operator=(const SystemdNotifier&) = delete;

  // Each replaces a state that has not been sent yet: at most one waits. Any thread; none blocks.
  void ready(const std::string& status);
  void reloading();
  /// `within`: the longest time until the process ends. systemd waits so long, whatever TimeoutStopSec= is.
  void stopping(std::chrono::milliseconds within);

 private:
  void send_later(std::string state);
  void run(const std::stop_token& over);

  const Alive alive_;
  std::chrono::milliseconds watchdog_{0};  // 0: none
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string state_;                     // the next one to be sent; guarded by mutex_
  std::atomic<bool> is_stopping_{false};  // from then on the bound of the stop watches the process
  std::jthread thread_;
};

}  // namespace nx::app
