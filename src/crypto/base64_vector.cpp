#include "crypto/base64_vector.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nx::crypto {

#if defined(__x86_64__)
namespace {

// After W. Muła, D. Lemire: Faster Base64 Encoding and Decoding Using AVX2 Instructions, ACM TWEB 12 (2018).

constexpr std::size_t kStep = 24;      // bytes per round, 12 for each half of a register
constexpr std::size_t kReadable = 28;  // bytes that the two loads of a round read

/// Converts twelve bytes of each half into sixteen 6-bit numbers, one per byte.
__attribute__((target("avx2"))) inline __m256i split(__m256i bytes) {
  // Spreads each three bytes abc to bacb, so that every 6-bit field is within one 16-bit word.
  const __m256i spread =
      _mm256_shuffle_epi8(bytes, _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0, 2, 1, 4, 3,
                                                  5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
  // A multiplication works as a shift with a different count per word: right by 10 and 6, left by 4 and 8.
  const __m256i first_and_third =
      _mm256_mulhi_epu16(_mm256_and_si256(spread, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
  const __m256i second_and_fourth =
      _mm256_mullo_epi16(_mm256_and_si256(spread, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
  return _mm256_or_si256(first_and_third, second_and_fourth);
}

/// The alphabet has five ranges; the offset that is added to a number depends only on its range: 13 for A–Z, 0 for a–z,
/// 1–10 for digits, 11 for +, 12 for /.
__attribute__((target("avx2"))) inline __m256i characters(__m256i numbers) {
  const __m256i offsets = _mm256_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                           '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0,
                                           'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                           '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
  const __m256i upper_case = _mm256_and_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(26), numbers), _mm256_set1_epi8(13));
  const __m256i range = _mm256_or_si256(_mm256_subs_epu8(numbers, _mm256_set1_epi8(51)), upper_case);
  return _mm256_add_epi8(_mm256_shuffle_epi8(offsets, range), numbers);
}

__attribute__((target("avx2"))) std::size_t encode(char* out, const std::uint8_t* in, std::size_t size) {
  std::size_t done = 0;
  for (; size - done >= kReadable; done += kStep, out += kStep / 3 * 4) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + done));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + done + kStep / 2));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), characters(split(_mm256_set_m128i(high, low))));
  }
  return done;
}

}  // namespace

std::size_t base64_encode_vector(char* out, const std::uint8_t* in, std::size_t size) {
  static const bool available = __builtin_cpu_supports("avx2") != 0;
  return available ? encode(out, in, size) : 0;
}
#else
std::size_t base64_encode_vector(char*, const std::uint8_t*, std::size_t) {
  return 0;
}
#endif

}  // namespace nx::crypto
