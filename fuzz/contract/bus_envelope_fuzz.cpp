// Bytes of a Redis message → envelope → the frame that clients get, which must be JSON again.

#include <cstdlib>

#include "contract/bus_envelope.hpp"
#include "json/value.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto envelope = nx::contract::decode_bus_envelope({reinterpret_cast<const char*>(data), size});
  if (!envelope) return 0;
  const auto frame = nx::json::parse(nx::contract::frame_text(*envelope), {.max_depth = 300});
  if (!frame || !frame->is_object() || !frame->find("event")) std::abort();
  if ((frame->find("data") != nullptr) != envelope->data.has_value()) std::abort();
  return 0;
}
