#pragma once
// UUID text (RFC 9562 §4): 36 characters, lower case. Generating UUIDs needs randomness and is in crypto/.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nx {

using UuidBytes = std::array<std::uint8_t, 16>;

std::string uuid_text(const UuidBytes& bytes);

/// Exactly 8-4-4-4-12 hexadecimal digits in any letter case; nullopt for anything else.
std::optional<UuidBytes> parse_uuid(std::string_view text);

}  // namespace nx
