#include <gmock/gmock.h>

#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> users(const Result<std::vector<Revocation>>& read) {
  std::vector<std::string> out;
  if (!read) {
    ADD_FAILURE() << read.error().message;
    return out;
  }
  for (const Revocation& revocation : *read) out.push_back(revocation.user.value);
  return out;
}

TEST_P(RevocationsSuite, ARevocationIsReadByEverybodyAndStays) {
  const std::int64_t before = now_wall().value;
  const auto revoked_at = store_->revoke({"u1"}, {"admin"});
  ASSERT_TRUE(revoked_at) << revoked_at.error().message;
  EXPECT_GE(revoked_at->value, before - 5'000) << "by the database's clock";
  EXPECT_LE(revoked_at->value, now_wall().value + 5'000);

  const auto other = open();
  const auto read = other->revocations({}, 10);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->front().user, UserId{"u1"});
  EXPECT_EQ(read->front().revoked_at, *revoked_at);
}

TEST_P(RevocationsSuite, OfTwoRevocationsOfAUserTheLaterStays) {
  const auto first = store_->revoke({"u1"}, {"admin"});
  const auto second = store_->revoke({"u1"}, {"other"});
  ASSERT_TRUE(first && second);
  EXPECT_GE(*second, *first);
  const auto read = store_->revocations({}, 10);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->front().revoked_at, *second);
}

TEST_P(RevocationsSuite, RevocationsAreReadByTimeInPages) {
  const std::vector<std::string> all{"b", "a", "d", "c"};
  for (const std::string& user : all) ASSERT_TRUE(store_->revoke({user}, {"admin"}));
  std::vector<Revocation> read;
  Revocation after;
  for (;;) {
    const auto page = store_->revocations(after, 3);
    ASSERT_TRUE(page) << page.error().message;
    read.insert(read.end(), page->begin(), page->end());
    if (page->size() < 3) break;
    after = page->back();
  }
  ASSERT_EQ(read.size(), 4U);
  for (std::size_t i = 1; i < read.size(); ++i) EXPECT_LE(read[i - 1].revoked_at, read[i].revoked_at);
  EXPECT_THAT(users(store_->revocations(read.back(), 10)), IsEmpty());
  EXPECT_THAT(users(store_->revocations(read[2], 10)), ElementsAre(read[3].user.value));
}

TEST_P(RevocationsSuite, AUserOfAnyBytesIsRevoked) {
  const std::string long_id(128, 'x');
  for (const std::string& user :
       {std::string("'; DROP TABLE \"ActivityRevocation\"; --"), std::string("ü\n"), long_id}) {
    EXPECT_TRUE(store_->revoke({user}, {"admin"})) << user;
  }
  EXPECT_EQ(users(store_->revocations({}, 10)).size(), 3U);
}

}  // namespace
}  // namespace nx::store
