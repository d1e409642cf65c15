#include "redis/greeting.hpp"

#include <cstring>

#include <gmock/gmock.h>

namespace nx::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// One reply as a value that lives as long as this.
class Reply {
 public:
  explicit Reply(std::string_view bytes) {
    std::memcpy(reader_.space(bytes.size()).data(), bytes.data(), bytes.size());
    reader_.took(bytes.size());
    value_.emplace(**reader_.next());
  }
  operator const RespValue&() const { return *value_; }

 private:
  RespReader reader_;
  std::optional<RespValue> value_;
};

Greeting greeting(const char* url) {
  return Greeting(*parse_redis_url(url), "signal-1");
}

const Reply kHello("%1\r\n+server\r\n+redis\r\n");
const Reply kUnknown("-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n");

TEST(Greeting, SaysHelloWithItsName) {
  auto hello = greeting("redis://h");
  EXPECT_EQ(hello.take_output(), "*4\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$7\r\nSETNAME\r\n$8\r\nsignal-1\r\n");
  EXPECT_EQ(hello.take_output(), "");
  EXPECT_EQ(hello.on_reply(kHello), true);
}

TEST(Greeting, GivesPasswordAndUser) {
  EXPECT_THAT(greeting("redis://:pw@h").take_output(),
              HasSubstr("$4\r\nAUTH\r\n$7\r\ndefault\r\n$2\r\npw\r\n$7\r\nSETNAME"));
  EXPECT_THAT(greeting("redis://me:pw@h").take_output(),
              HasSubstr("$4\r\nAUTH\r\n$2\r\nme\r\n$2\r\npw\r\n$7\r\nSETNAME"));
}

TEST(Greeting, AUserMayHaveNoPassword) {
  EXPECT_THAT(greeting("redis://me:@h").take_output(), HasSubstr("$4\r\nAUTH\r\n$2\r\nme\r\n$0\r\n\r\n$7\r\nSETNAME"));
}

TEST(Greeting, ChoosesTheDatabase) {
  auto hello = greeting("redis://h/2");
  hello.take_output();
  EXPECT_EQ(hello.on_reply(kHello), false);
  EXPECT_EQ(hello.take_output(), "*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n");
  EXPECT_EQ(hello.on_reply(Reply("+OK\r\n")), true);
}

TEST(Greeting, AServerWithoutHelloIsAskedTheOldWay) {
  auto hello = greeting("redis://:pw@h/2");
  hello.take_output();
  EXPECT_EQ(hello.on_reply(kUnknown), false);
  EXPECT_EQ(hello.take_output(), "*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n");
  EXPECT_EQ(hello.on_reply(Reply("+OK\r\n")), false);
  EXPECT_EQ(hello.take_output(), "*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n");
  EXPECT_EQ(hello.on_reply(Reply("+OK\r\n")), true);

  auto open = greeting("redis://h");
  open.take_output();
  EXPECT_EQ(open.on_reply(Reply("-NOPROTO unsupported protocol version\r\n")), true);
}

TEST(Greeting, ARefusalOfHelloInAnyWordsIsFollowedByTheOldWay) {
  for (const char* words : {"-NOPERM no permissions to run the 'hello' command\r\n", "-ERR syntax error in HELLO\r\n",
                            "-DENIED by the proxy\r\n",
                            "-NOAUTH HELLO must be called with the client already "
                            "authenticated\r\n",
                            "-WRONGPASS invalid username-password pair\r\n"}) {
    auto hello = greeting("redis://:pw@h");
    hello.take_output();
    EXPECT_EQ(hello.on_reply(Reply(words)), false) << words;
    EXPECT_EQ(hello.take_output(), "*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n") << words;
    EXPECT_EQ(hello.on_reply(Reply("+OK\r\n")), true);
  }
}

TEST(Greeting, AServerThatWantsAPasswordAndGetsNoneSaysThatItIsMissing) {
  auto hello = greeting("redis://h");
  hello.take_output();
  const auto refused = hello.on_reply(Reply("-NOAUTH HELLO must be called with the client already authenticated\r\n"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("a password is missing in SIGNAL_REDIS_URL"));
  EXPECT_THAT(explain("WRONGPASS x", "AUTH"), HasSubstr("check user and password in SIGNAL_REDIS_URL"));
}

TEST(Greeting, NeverShowsAPasswordThatTheServerRepeats) {
  for (const char* const repeated : {"-ERR unknown command 'AUTH', with args beginning with: 's3cret' \r\n",
                                     "-ERR what is AUTH s3cret s3cret?\r\n", "-WRONGPASS s3cret is no password\r\n"}) {
    auto hello = greeting("redis://:s3cret@h");
    hello.take_output();
    ASSERT_EQ(hello.on_reply(kUnknown), false);
    const auto refused = hello.on_reply(Reply(repeated));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("AUTH: "));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("s3cret")));
  }
  EXPECT_EQ(explain("ERR unknown command `AUTH`, with args beginning with: `s3cret`, ", "AUTH"),
            "AUTH: ERR unknown command `AUTH`");
}

TEST(Greeting, ARefusalNamesTheServersWordsAndTheSettingAndNoSecret) {
  auto hello = greeting("redis://:hidden@h");
  hello.take_output();
  const Reply wrong("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  ASSERT_EQ(hello.on_reply(wrong), false);
  hello.take_output();
  const auto refused = hello.on_reply(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("WRONGPASS"));
  EXPECT_THAT(refused.error().message, HasSubstr("SIGNAL_REDIS_URL"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("hidden")));

  auto loading = greeting("redis://h");
  loading.take_output();
  EXPECT_EQ(loading.on_reply(Reply("-LOADING Redis is loading\r\n")).error().kind, ErrorKind::unavailable);

  auto database = greeting("redis://h/99");
  database.take_output();
  ASSERT_TRUE(database.on_reply(kHello));
  EXPECT_THAT(database.on_reply(Reply("-ERR DB index is out of range\r\n")).error().message, HasSubstr("/db"));
}

TEST(GreetingRefusal, IsWhatTheServersWordsMean) {
  EXPECT_EQ(classify("LOADING Redis is loading the dataset in memory"), Refusal::retry);
  EXPECT_EQ(classify("MOVED 3999 127.0.0.1:6381"), Refusal::retry);
  EXPECT_EQ(classify("READONLY You can't write against a read only replica."), Refusal::retry);
  EXPECT_EQ(classify("CLUSTERDOWN The cluster is down"), Refusal::retry);
  EXPECT_EQ(classify("ERR max number of clients reached"), Refusal::retry);
  EXPECT_EQ(classify("NOAUTH Authentication required."), Refusal::no_password);
  EXPECT_EQ(classify("ERR invalid password"), Refusal::credentials);
  EXPECT_EQ(classify("NOPERM No permissions to access a channel"), Refusal::permission);
  EXPECT_EQ(classify("ERR syntax error"), Refusal::other);
  EXPECT_THAT(explain("NOPERM x", "PUBLISH"), HasSubstr("&ws:room:*"));
  EXPECT_EQ(explain("ERR a\nb", "PUBLISH"), "PUBLISH: ERR a b");
}

}  // namespace
}  // namespace nx::redis
