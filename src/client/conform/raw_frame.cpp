#include "client/conform/raw_frame.hpp"

#include <array>

namespace nx::client::conform {

std::string raw_frame(std::uint8_t first, std::string_view payload, Mask mask) {
  constexpr std::array<std::uint8_t, 4> kKey{0x37, 0xfa, 0x21, 0x3d};  // of the example in RFC 6455 §5.7
  const unsigned masked = mask == Mask::constant ? 0x80U : 0U;
  std::string frame(1, static_cast<char>(first));
  const auto append_length = [&frame, &payload](unsigned bytes) {
    for (unsigned shift = bytes * 8; shift > 0; shift -= 8)
      frame += static_cast<char>(payload.size() >> (shift - 8) & 0xffU);
  };
  if (payload.size() < 126) {
    frame += static_cast<char>(masked | payload.size());
  } else if (payload.size() <= 0xffff) {
    frame += static_cast<char>(masked | 126U);
    append_length(2);
  } else {
    frame += static_cast<char>(masked | 127U);
    append_length(8);
  }
  if (masked == 0) return frame.append(payload);
  frame.append(kKey.begin(), kKey.end());
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ kKey[i % kKey.size()]);
  return frame;
}

}  // namespace nx::client::conform
