#include "fanout/connection_location.hpp"

namespace nx::fanout {

namespace {

constexpr unsigned kSlotBits = 26;

/// FNV-1a over the bytes that stay random.
std::uint32_t mask_of(const UuidBytes& id) {
  std::uint32_t hash = 2'166'136'261U;
  for (std::size_t i = 0; i < 12; ++i) hash = (hash ^ id[i]) * 16'777'619U;
  return hash;
}

}  // namespace

void write_client_location(UuidBytes& id, ClientLocation location) {
  const std::uint32_t value = ((location.shard << kSlotBits) | location.slot) ^ mask_of(id);
  for (unsigned i = 0; i < 4; ++i) id[12 + i] = static_cast<std::uint8_t>(value >> (24U - 8U * i));
}

ClientLocation read_client_location(const UuidBytes& id) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value = (value << 8U) | id[12 + i];
  value ^= mask_of(id);
  return {value >> kSlotBits, value & (kMaxSlots - 1)};
}

}  // namespace nx::fanout
