#include "observe/trace_id.hpp"

#include <charconv>

#include "model/hex.hpp"

namespace nx::observe {
namespace {

constexpr std::size_t kShortest = 55;  // version, trace id, parent id and flags, with dashes between them
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kFlagsAt = 53;
constexpr int kSampled = 1;

std::optional<std::uint64_t> hex_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<TraceId> sampled_trace(std::string_view traceparent) {
  if (traceparent.size() < kShortest) return std::nullopt;
  const auto high = hex_number(traceparent.substr(kTraceAt, 16));
  const auto low = hex_number(traceparent.substr(kTraceAt + 16, 16));
  const int flags = hex_value(traceparent[kFlagsAt + 1]);  // the lower half of the byte
  if (!high || !low || flags < 0 || (flags & kSampled) == 0) return std::nullopt;
  const TraceId trace{.high = *high, .low = *low};
  if (trace == TraceId{}) return std::nullopt;
  return trace;
}

void append_trace_id(std::string& out, const TraceId& trace) {
  for (const std::uint64_t half : {trace.high, trace.low}) {
    for (int shift = 56; shift >= 0; shift -= 8) append_hex(out, static_cast<std::uint8_t>(half >> shift));
  }
}

}  // namespace nx::observe
