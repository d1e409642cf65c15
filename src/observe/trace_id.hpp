#pragma once
// The id of a trace, as W3C Trace Context writes it. Pure, for any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nx::observe {

/// 16 bytes; zero is no trace.
struct TraceId {
  std::uint64_t high = 0, low = 0;
  friend bool operator==(const TraceId&, const TraceId&) = default;
};

/// The trace of a `traceparent` header, if the trace is recorded (flag `sampled`). nullopt for any other text.
std::optional<TraceId> sampled_trace(std::string_view traceparent);

/// Appends 32 lower-case hexadecimal digits.
void append_trace_id(std::string& out, const TraceId& trace);

}  // namespace nx::observe
