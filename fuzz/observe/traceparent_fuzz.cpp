// The header `traceparent` of a record, from any bytes: one that is accepted names a trace and a span, and means the
// same after it was written anew.

#include <cstdlib>
#include <string_view>

#include "observe/trace_context.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parent = nx::observe::parse_traceparent(text);
  const auto sampled = nx::observe::sampled_context(text);
  if (sampled.has_value() != (parent && parent->sampled)) std::abort();
  if (!parent) return 0;
  if (!parent->context || parent->context.trace == nx::observe::TraceId{}) std::abort();
  const auto again = nx::observe::parse_traceparent(nx::observe::traceparent_text(parent->context));
  if (!again || again->context != parent->context || !again->sampled) std::abort();
  return 0;
}
