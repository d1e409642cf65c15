#include "observe/trace_context.hpp"

#include "model/hex.hpp"

namespace nx::observe {
namespace {

constexpr std::size_t kSize = 55;  // version, trace id, parent id and flags, with dashes between them
constexpr std::size_t kTraceAt = 3, kSpanAt = 36, kFlagsAt = 53;
constexpr std::size_t kLongest = 128;  // of a later version, docs/notifications.md#the-message
constexpr std::uint64_t kNoVersion = 0xff;
constexpr std::uint64_t kSampled = 1;

/// Lower-case digits only, as the specification requires.
std::optional<std::uint64_t> hex_number(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (hex_value(c) < 0 || (c >= 'A' && c <= 'F')) return std::nullopt;
    number = number << 4U | static_cast<std::uint64_t>(hex_value(c));
  }
  return number;
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  if (text.size() < kSize || text.size() > kLongest) return std::nullopt;
  for (const std::size_t dash : {kTraceAt - 1, kSpanAt - 1, kFlagsAt - 1}) {
    if (text[dash] != '-') return std::nullopt;
  }
  const auto version = hex_number(text.substr(0, 2));
  const auto high = hex_number(text.substr(kTraceAt, 16));
  const auto low = hex_number(text.substr(kTraceAt + 16, 16));
  const auto span = hex_number(text.substr(kSpanAt, 16));
  const auto flags = hex_number(text.substr(kFlagsAt, 2));
  if (!version || !high || !low || !span || !flags || *version == kNoVersion) return std::nullopt;
  const bool has_more = text.size() > kSize;
  if (has_more && (*version == 0 || text[kSize] != '-')) return std::nullopt;
  const SpanContext context{.trace = {.high = *high, .low = *low}, .span = *span};
  if (context.trace == TraceId{} || !context) return std::nullopt;
  return TraceParent{.context = context, .sampled = (*flags & kSampled) != 0};
}

std::optional<SpanContext> sampled_context(std::string_view traceparent) {
  const auto parsed = parse_traceparent(traceparent);
  return parsed && parsed->sampled ? std::optional(parsed->context) : std::nullopt;
}

std::string traceparent_text(const SpanContext& context) {
  std::string text = "00-";
  append_trace_id(text, context.trace);
  text += '-';
  append_span_id(text, context.span);
  text += "-01";
  return text;
}

void append_trace_id(std::string& out, const TraceId& trace) {
  append_span_id(out, trace.high);
  append_span_id(out, trace.low);
}

void append_span_id(std::string& out, std::uint64_t span) {
  for (int shift = 56; shift >= 0; shift -= 8) append_hex(out, static_cast<std::uint8_t>(span >> shift));
}

}  // namespace nx::observe
