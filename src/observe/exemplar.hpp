#pragma once
// Exemplars: for each bucket of a histogram the last measurement that belongs to a trace, so that a slow bucket leads
// to the trace of one of its messages. One writing thread, any number of readers, no lock.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "model/time.hpp"
#include "observe/histogram.hpp"
#include "observe/trace_context.hpp"

namespace nx::observe {

struct Exemplar {
  TraceId trace;
  std::chrono::microseconds value{0};
  EpochMs at;
};

/// By bucket.
using Exemplars = std::array<std::optional<Exemplar>, kHistogramBounds.size() + 1>;

class ExemplarSlots {
 public:
  /// Only the owning thread.
  void set(const Exemplar& exemplar) noexcept { slots_[bucket_of(exemplar.value)].set(exemplar); }

  /// Any thread. A bucket whose exemplar is just being written has none.
  Exemplars snapshot() const noexcept {
    Exemplars taken;
    for (std::size_t i = 0; i < slots_.size(); ++i) taken[i] = slots_[i].get();
    return taken;
  }

 private:
  /// A sequence lock: the writer stores the odd version before the values, and each value with release order. A reader
  /// that loads a new value with acquire order therefore also sees the new version, and discards what it has read.
  class Slot {
   public:
    void set(const Exemplar& exemplar) noexcept {
      const std::uint32_t version = version_.load(std::memory_order_relaxed);
      version_.store(version + 1, std::memory_order_relaxed);
      high_.store(exemplar.trace.high, std::memory_order_release);
      low_.store(exemplar.trace.low, std::memory_order_release);
      value_us_.store(exemplar.value.count(), std::memory_order_release);
      at_ms_.store(exemplar.at.value, std::memory_order_release);
      version_.store(version + 2, std::memory_order_release);
    }
    std::optional<Exemplar> get() const noexcept {
      const std::uint32_t version = version_.load(std::memory_order_acquire);
      Exemplar exemplar;
      exemplar.trace.high = high_.load(std::memory_order_acquire);
      exemplar.trace.low = low_.load(std::memory_order_acquire);
      exemplar.value = std::chrono::microseconds{value_us_.load(std::memory_order_acquire)};
      exemplar.at = EpochMs{at_ms_.load(std::memory_order_acquire)};
      const bool is_whole = version % 2 == 0 && version_.load(std::memory_order_relaxed) == version;
      if (version == 0 || !is_whole) return std::nullopt;
      return exemplar;
    }

   private:
    std::atomic<std::uint32_t> version_{0};  // odd while the slot is being written; 0: never written
    std::atomic<std::uint64_t> high_{0}, low_{0};
    std::atomic<std::int64_t> value_us_{0}, at_ms_{0};
  };

  std::array<Slot, kHistogramBounds.size() + 1> slots_;
};

}  // namespace nx::observe
