#pragma once
// The probes that were published through one master, and whether they come back through our subscription. Used on the
// bus thread.

#include <cstdint>
#include <deque>
#include <utility>

#include "runtime/event_loop.hpp"

namespace nx::bus {

class Probes {
 public:
  /// A probe is sent: its number, from 1.
  std::uint64_t next() { return ++sent_; }
  /// Redis has accepted the probe.
  void accepted(std::uint64_t number, runtime::SteadyTime now);
  /// A probe came back. False: it was known already, or it does not count.
  bool receive(std::uint64_t number);

  /// The probes sent so far do not count: they belong to another connection or subscription, or Redis refused one,
  /// which says nothing about the subscription: a new one would not receive it either.
  void ignore_sent() { counts_from_ = sent_ + 1; }
  void restart() {
    ignore_sent();
    silent_ = false;
  }

  /// Decides whether too many probes were lost; true if that has changed. `received_until`: all messages that Redis
  /// sent to the subscription before that time have arrived.
  bool judge(runtime::SteadyTime received_until);
  bool silent() const { return silent_; }                            // too many probes were lost
  bool waits_for_first() const { return received_ < counts_from_; }  // no probe that counts has come back

 private:
  bool is_silent(runtime::SteadyTime received_until);

  std::uint64_t sent_ = 0, received_ = 0;  // numbers
  std::uint64_t counts_from_ = 1;
  bool silent_ = false;
  // number and time of the first probes that Redis accepted and that have not come back
  std::deque<std::pair<std::uint64_t, runtime::SteadyTime>> accepted_;
};

}  // namespace nx::bus
