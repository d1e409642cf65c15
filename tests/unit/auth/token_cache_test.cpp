#include "auth/token_cache.hpp"

#include <gtest/gtest.h>

#include "crypto/digest.hpp"

namespace nx::auth {
namespace {

constexpr EpochMs kNow{1'000'000'000'000};

TokenDigest digest(int number) {
  return crypto::sha256(std::to_string(number));
}

Claims claims(const std::string& user, EpochMs expires_at = {kNow.value + 60'000}) {
  return {{UserId{user}, false}, expires_at, std::nullopt, {}, false};
}

TEST(TokenCache, gives_back_what_was_kept) {
  TokenCache cache(100);
  cache.keep(digest(1), 7, claims("u"));

  EXPECT_EQ(cache.find(digest(1), 7, kNow)->user.id.value, "u");
  EXPECT_FALSE(cache.find(digest(2), 7, kNow));
}

TEST(TokenCache, never_outlives_the_token) {
  TokenCache cache(100);
  cache.keep(digest(1), 7, claims("u", {kNow.value + 1'000}));

  EXPECT_TRUE(cache.find(digest(1), 7, {kNow.value + 5'999}));
  EXPECT_FALSE(cache.find(digest(1), 7, {kNow.value + 6'000}));
}

TEST(TokenCache, knows_nothing_of_another_generation_of_keys) {
  TokenCache cache(100);
  cache.keep(digest(1), 7, claims("u"));

  EXPECT_FALSE(cache.find(digest(1), 8, kNow));
}

TEST(TokenCache, forgets_everything_when_cleared) {
  TokenCache cache(100);
  cache.keep(digest(1), 7, claims("u"));
  cache.clear();

  EXPECT_FALSE(cache.find(digest(1), 7, kNow));
}

TEST(TokenCache, stays_within_its_bound_and_keeps_the_newest) {
  TokenCache cache(320);
  for (int i = 0; i < 5'000; ++i) cache.keep(digest(i), 7, claims("u"));

  int kept = 0;
  for (int i = 0; i < 5'000; ++i) kept += cache.find(digest(i), 7, kNow) ? 1 : 0;
  EXPECT_LE(kept, 320);
  EXPECT_GE(kept, 160);
  EXPECT_TRUE(cache.find(digest(4'999), 7, kNow));
}

TEST(TokenCache, of_no_entries_keeps_nothing) {
  TokenCache cache(0);
  cache.keep(digest(1), 7, claims("u"));

  EXPECT_FALSE(cache.find(digest(1), 7, kNow));
}

}  // namespace
}  // namespace nx::auth
