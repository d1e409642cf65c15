#pragma once
// Base64 encoding of most of the input with AVX2, on machines that have it.

#include <cstddef>
#include <cstdint>

namespace nx::crypto {

/// Encodes a multiple of 24 bytes from the front of `in` and returns their number. The caller encodes the
/// rest, or everything when there is no AVX2. Supports encoding in place like base64_encode_to().
std::size_t base64_encode_vector(char* out, const std::uint8_t* in, std::size_t size);

}  // namespace nx::crypto
