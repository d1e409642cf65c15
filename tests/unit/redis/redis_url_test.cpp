#include "redis/redis_url.hpp"

#include <gmock/gmock.h>

namespace nx::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedisUrl, TakesWhatTheContractNames) {
  const auto plain = parse_redis_url("redis://redis");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->nodes, (std::vector<Node>{{"redis", 6379}}));
  EXPECT_FALSE(plain->tls || plain->cluster);

  const auto full = parse_redis_url("rediss://signal:p%40ss%2Fw%3Ard@10.0.0.1:7000/3");
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->user, "signal");
  EXPECT_EQ(full->password, "p@ss/w:rd");
  EXPECT_EQ(full->nodes, (std::vector<Node>{{"10.0.0.1", 7000}}));
  EXPECT_EQ(full->database, 3U);
  EXPECT_TRUE(full->tls);

  const auto cluster = parse_redis_url("rediss+cluster://:secret@h1:1,h2,[::1]:3,[fe80::2]");
  ASSERT_TRUE(cluster) << cluster.error().message;
  EXPECT_EQ(cluster->nodes, (std::vector<Node>{{"h1", 1}, {"h2", 6379}, {"::1", 3}, {"fe80::2", 6379}}));
  EXPECT_TRUE(cluster->tls && cluster->cluster);
  EXPECT_EQ(cluster->user, "");
  EXPECT_EQ(cluster->password, "secret");
}

TEST(RedisUrl, IsShownWithoutItsSecret) {
  EXPECT_EQ(parse_redis_url("redis+cluster://u:secret@h1:1,[::1]:2")->text(), "redis+cluster://h1:1,[::1]:2");
  EXPECT_EQ(parse_redis_url("redis://:secret@h/2")->text(), "redis://h:6379/2");
}

TEST(RedisUrl, ARawAtSignInThePasswordBelongsToIt) {
  EXPECT_EQ(parse_redis_url("redis://:a@b@h:1")->password, "a@b");
}

TEST(RedisUrl, SaysWhatIsWrongAndNeverThePassword) {
  for (const auto& [text, said] : std::vector<std::pair<const char*, const char*>>{
           {"", "does not begin with"},
           {"http://h", "does not begin with"},
           {"redis:h", "does not begin with"},
           {"redis://:hidden@", "a host is missing"},
           {"redis://:hidden@:6379", "a host is missing"},
           {"redis://:hidden@h:", "empty port"},
           {"redis://:hidden@h:0", "after the colon of a host there must be a port"},
           {"redis://:hidden@h:65536", "after the colon of a host there must be a port"},
           {"redis://:hidden@h:x", "after the colon of a host there must be a port"},
           {"redis://user:hidden", "after the colon of a host there must be a port"},
           {"redis://hidden:x", "after the colon of a host there must be a port"},
           {"redis://u:1/hidden", "must be a database number"},
           {"redis://[hidden", "closing bracket"},
           {"redis://:hidden@[::1", "closing bracket"},
           {"redis://:hidden@[::1]6379", "after the bracket"},
           {"redis://:hidden@h/x", "must be a database number"},
           {"redis://:hidden@h/-1", "must be a database number"},
           {"redis://:hidden@h1,h2", "redis+cluster://"},
           {"redis+cluster://:hidden@h1,", "a host is missing"},
           {"redis+cluster://:hidden@h1/1", "database 0"},
           {"redis://:hidden%4@h", "hexadecimal"},
           {"redis://hidden@h", "without a password"},
           {"redis://:hidden@h?db=1", "options after ? or #"},
       }) {
    const auto url = parse_redis_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().kind, ErrorKind::invalid);
    EXPECT_THAT(url.error().message, HasSubstr(said)) << text;
    EXPECT_THAT(url.error().message, HasSubstr("e.g. redis://")) << text;
    EXPECT_THAT(url.error().message, Not(HasSubstr("hidden"))) << text;
  }
}

}  // namespace
}  // namespace nx::redis
