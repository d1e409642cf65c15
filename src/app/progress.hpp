#pragma once
// Shows on stderr how far long work has come: on a terminal a bar that is drawn again in place and removed at the end,
// elsewhere a line every few seconds, so that short work prints nothing there.

#include <chrono>
#include <functional>
#include <string>

#include "store/long_work.hpp"

namespace nx::app {

/// Used by one thread.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  struct Output {
    enum class Form { bar, lines };
    Form form = Form::lines;
    std::function<int()> columns;  // of the terminal; only for a bar
    std::function<void(std::string)> write;
  };
  /// Writes never wait for the reader of stderr. A terminal that cannot move its cursor (TERM=dumb) gets lines.
  static Output standard_error();

  /// `what` is worked on, for example "counters"; Slice::done counts `unit`, for example "users".
  Progress(std::string what, std::string unit, Output output, Clock::time_point now = Clock::now());
  ~Progress();  // removes the bar
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// After each slice, however many there are in a second. The rate and the time left are based on all work so far.
  void show(const store::Slice& slice, Clock::time_point now = Clock::now());

 private:
  std::string bar(const store::Slice& slice, Clock::duration elapsed) const;
  std::string line(const store::Slice& slice, Clock::duration elapsed) const;
  std::string figures(const store::Slice& slice, Clock::duration elapsed) const;

  std::string what_, unit_;
  Output output_;
  Clock::time_point began_, next_;
  bool drawn_ = false;
};

}  // namespace nx::app
