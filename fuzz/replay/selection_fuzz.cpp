// The texts by which an operator chooses records, from any bytes: what is accepted is in order, and what is refused has
// a reason.

#include <cstdlib>
#include <string_view>

#include "replay/selection.hpp"

namespace {

using namespace nx::replay;

template <class T>
bool is_accepted(const T& read) {
  if (!read && read.error().message.empty()) std::abort();
  return read.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto position = read_position(text);
  if (is_accepted(position) && (position->partition < 0 || position->offset < 0)) std::abort();
  const auto offsets = read_offsets(text);
  if (is_accepted(offsets)) {
    if (offsets->partition < 0 || offsets->first < 0) std::abort();
    if (offsets->last && *offsets->last < offsets->first) std::abort();
  }
  const auto times = read_times(text);
  if (is_accepted(times) && times->before && *times->before < times->from) std::abort();
  is_accepted(read_time(text));
  return 0;
}
