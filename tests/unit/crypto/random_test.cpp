#include "crypto/random.hpp"

#include <set>

#include <gtest/gtest.h>

namespace nx::crypto {
namespace {

TEST(Random, a_uuid_v4_says_its_version_and_variant) {
  for (int i = 0; i < 100; ++i) {
    const UuidBytes id = uuid_v4();
    EXPECT_EQ(id[6] >> 4, 4);
    EXPECT_EQ(id[8] >> 6, 2);
  }
}

TEST(Random, a_uuid_v7_begins_with_its_time) {
  const NotificationId id = uuid_v7(EpochMs{0x0123456789ab});

  EXPECT_EQ(uuid_text(id.bytes).substr(0, 15), "01234567-89ab-7");
  EXPECT_EQ(id.bytes[8] >> 6, 2);
}

TEST(Random, a_later_uuid_v7_sorts_behind_an_earlier_one) {
  EXPECT_LT(uuid_v7(EpochMs{1'795'423'393'000}), uuid_v7(EpochMs{1'795'423'393'001}));
}

TEST(Random, identifiers_do_not_repeat) {
  std::set<UuidBytes> seen;
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(seen.insert(uuid_v4()).second);
    EXPECT_TRUE(seen.insert(uuid_v7(EpochMs{1}).bytes).second);
  }
}

}  // namespace
}  // namespace nx::crypto
