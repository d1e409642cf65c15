#include "crypto/sealer.hpp"

#include <set>

#include <gtest/gtest.h>

#include "crypto/base64.hpp"

namespace nx::crypto {
namespace {

constexpr std::string_view kBeforeIv = R"({"event":"encrypted","data":{"iv":")";
constexpr std::string_view kBeforeCt = R"(","ct":")";
constexpr std::string_view kAfterCt = R"("}})";

AesKey key(std::uint8_t byte = 1) {
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(byte);
  return AesKey(bytes);
}

struct Envelope {
  std::string iv;
  std::string ct;
};

Envelope parts_of(std::string_view frame) {
  EXPECT_TRUE(frame.starts_with(kBeforeIv)) << frame;
  EXPECT_TRUE(frame.ends_with(kAfterCt)) << frame;
  EXPECT_EQ(frame.substr(kBeforeIv.size() + 16, kBeforeCt.size()), kBeforeCt);
  frame.remove_suffix(kAfterCt.size());
  return {std::string(frame.substr(kBeforeIv.size(), 16)),
          std::string(frame.substr(kBeforeIv.size() + 16 + kBeforeCt.size()))};
}

std::optional<std::string> open(const AesKey& with, const Envelope& envelope) {
  return open_envelope(with, envelope.iv, envelope.ct);
}

TEST(Sealer, a_sealed_plaintext_opens_again_at_every_length_and_split) {
  Sealer sealer(key());
  for (std::size_t size = 0; size < 200; ++size) {
    std::string plaintext(size, ' ');
    for (std::size_t i = 0; i < size; ++i) plaintext[i] = static_cast<char>('a' + i % 26);
    const std::size_t cut = size * 2 / 3;
    std::string frame;

    sealer.append_envelope(frame, std::string_view(plaintext).substr(0, cut), std::string_view(plaintext).substr(cut));

    ASSERT_EQ(frame.size(), Sealer::envelope_size(size));
    ASSERT_EQ(open(key(), parts_of(frame)), plaintext) << size;
  }
}

TEST(Sealer, appends_behind_what_is_there) {
  Sealer sealer(key());
  std::string out = "before";
  sealer.append_envelope(out, "one", "");
  const std::size_t second = out.size();
  sealer.append_envelope(out, "", "two");

  EXPECT_EQ(out.substr(0, 6), "before");
  EXPECT_EQ(open(key(), parts_of(std::string_view(out).substr(6, second - 6))), "one");
  EXPECT_EQ(open(key(), parts_of(std::string_view(out).substr(second))), "two");
}

TEST(Sealer, never_uses_an_iv_twice_and_counts_across_bytes) {
  Sealer sealer(key());
  std::set<std::string> seen;
  for (int i = 0; i < 70'000; ++i) {
    std::string frame;
    sealer.append_envelope(frame, "x", "");
    ASSERT_TRUE(seen.insert(frame.substr(kBeforeIv.size(), 16)).second) << i;
  }
}

TEST(Sealer, two_connections_differ_in_the_fixed_part_of_their_ivs) {
  std::set<std::string> seen;
  for (int i = 0; i < 4; ++i) {
    Sealer sealer(key());
    std::string frame;
    sealer.append_envelope(frame, "x", "");
    seen.insert(frame.substr(kBeforeIv.size(), 16));
  }
  EXPECT_GT(seen.size(), 1U);
}

TEST(Sealer, keeps_working_after_a_move) {
  Sealer first(key());
  Sealer second(std::move(first));
  std::string frame;
  second.append_envelope(frame, "moved", "");
  EXPECT_EQ(open(key(), parts_of(frame)), "moved");
}

TEST(SealerOpenEnvelope, refuses_another_key_and_every_changed_byte) {
  Sealer sealer(key());
  std::string frame;
  sealer.append_envelope(frame, "plaintext", "");
  const Envelope envelope = parts_of(frame);
  ASSERT_TRUE(open(key(), envelope));

  EXPECT_FALSE(open(key(2), envelope));
  const Bytes sealed = *base64_decode(envelope.ct);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(open_envelope(key(), envelope.iv, base64_encode(changed))) << i;
  }
  Bytes iv = *base64_decode(envelope.iv);
  iv[11] ^= 1;
  EXPECT_FALSE(open_envelope(key(), base64_encode(iv), envelope.ct));
}

TEST(SealerOpenEnvelope, refuses_text_of_another_shape) {
  Sealer sealer(key());
  std::string frame;
  sealer.append_envelope(frame, "plaintext", "");
  const Envelope envelope = parts_of(frame);

  EXPECT_FALSE(open_envelope(key(), "", envelope.ct));
  EXPECT_FALSE(open_envelope(key(), envelope.iv, ""));
  EXPECT_FALSE(open_envelope(key(), "AAAA", envelope.ct));
  EXPECT_FALSE(open_envelope(key(), base64_encode(Bytes(16, 0)), envelope.ct));
  EXPECT_FALSE(open_envelope(key(), envelope.iv, base64_encode(Bytes(15, 0))));
  EXPECT_FALSE(open_envelope(key(), envelope.iv, envelope.ct + "\n"));
}

}  // namespace
}  // namespace nx::crypto
