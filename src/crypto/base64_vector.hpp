#pragma once
// The bulk of base64 encoding with AVX2, where the machine has it.

#include <cstddef>
#include <cstdint>

namespace nx::crypto {

/// Encodes a multiple of 24 bytes from the front of `in` into 4/3 as many characters and says how many bytes that were;
/// the rest, also everything where there is no AVX2, is left to the caller. Fit for encoding in place as
/// base64_encode_to() describes.
std::size_t base64_encode_vector(char* out, const std::uint8_t* in, std::size_t size);

}  // namespace nx::crypto
