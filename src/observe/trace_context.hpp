#pragma once
// The identity of a span, as the header `traceparent` of W3C Trace Context writes it. Pure, for any thread.

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

/// A span of a trace; zero is no span.
struct SpanContext {
  TraceId trace;
  std::uint64_t span = 0;
  explicit operator bool() const { return span != 0; }
  friend bool operator==(const SpanContext&, const SpanContext&) = default;
};

/// The content of a `traceparent` header.
struct TraceParent {
  SpanContext context;
  bool sampled = false;  // the trace is recorded
};

/// nullopt for a text that is not such a header: it comes from outside and is checked in full.
std::optional<TraceParent> parse_traceparent(std::string_view text);

/// The span that the header names, if its trace is recorded.
std::optional<SpanContext> sampled_context(std::string_view traceparent);

/// The header, version 00, with the flag `sampled` alone.
std::string traceparent_text(const SpanContext& context);

/// Appends 32 lower-case hexadecimal digits.
void append_trace_id(std::string& out, const TraceId& trace);
/// Appends 16 lower-case hexadecimal digits.
void append_span_id(std::string& out, std::uint64_t span);

}  // namespace nx::observe
