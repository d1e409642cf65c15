#pragma once
// The spans of one thread on their way to the exporter: a bounded ring without a lock. A span that does not fit is
// dropped and counted. Also makes the ids of that thread's spans.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "observe/counter.hpp"
#include "trace/span.hpp"

namespace nx::trace {

class SpanWriter {
 public:
  static constexpr std::size_t kSpans = 1'024;

  /// Seeds its ids from the system.
  SpanWriter();
  SpanWriter(const SpanWriter&) = delete;
  SpanWriter& operator=(const SpanWriter&) = delete;

  // Only the thread that owns the writer.

  void add(const Span& span) noexcept;
  /// A new span in the trace of `parent`.
  observe::SpanContext child_of(const observe::SpanContext& parent) noexcept { return {parent.trace, new_id()}; }
  /// The first span of a new trace, for `ratio` (0 to 1) of the calls. As other samplers by ratio do, it decides by the
  /// trace id.
  std::optional<observe::SpanContext> root(double ratio) noexcept;

  // Only the exporter's thread.

  /// Appends the spans that were added since the last call.
  void take(std::vector<Span>& out);

  std::uint64_t dropped() const noexcept { return dropped_.value(); }  // any thread

 private:
  std::uint64_t new_id() noexcept;  // never 0

  std::uint64_t state_;  // of the generator of ids
  std::vector<Span> ring_ = std::vector<Span>(kSpans);
  // Both only grow; the index is the remainder. `end_` is written by the owner, `begin_` by the exporter.
  alignas(64) std::atomic<std::size_t> end_{0};
  alignas(64) std::atomic<std::size_t> begin_{0};
  observe::Counter dropped_;
};

/// The parent for the spans of one message, from the header that it carries. nullopt without a writer, which is when
/// tracing is off, and for a message that is not sampled.
inline std::optional<observe::SpanContext> traced(const SpanWriter* spans,
                                                  const std::optional<std::string>& traceparent) {
  if (spans == nullptr || !traceparent) return std::nullopt;
  return observe::sampled_context(*traceparent);
}

}  // namespace nx::trace
