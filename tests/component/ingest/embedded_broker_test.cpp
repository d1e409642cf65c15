#include <cstdlib>

#include "component/ingest/fixture.hpp"

namespace nx::ingest::testing {
namespace {

TEST(EmbeddedBroker, KeepsKeyValueAndHeadersOfAnOutsideProducer) {
  auto broker = kafka::EmbeddedBroker::start();
  ASSERT_TRUE(broker);
  ASSERT_TRUE(broker->create_topic("one", 1));
  Producer{broker->bootstrap()}.send("one", {{.value = "v", .partition = 0, .key = "k", .headers = {{"h", "1"}}}});

  const auto read = read_all(broker->bootstrap(), "one", 1);

  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].key, "k");
  EXPECT_EQ(read[0].value, "v");
  EXPECT_EQ(read[0].headers, (std::map<std::string, std::string>{{"h", "1"}}));
}

TEST(EmbeddedBroker, TwoOfThemHaveAddressesOfTheirOwn) {
  const auto first = kafka::EmbeddedBroker::start();
  const auto second = kafka::EmbeddedBroker::start();

  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->bootstrap().starts_with("127.0.0.1:")) << first->bootstrap();
  EXPECT_NE(first->bootstrap(), second->bootstrap());
}

TEST(EmbeddedBroker, RefusesToCreateATopicTwice) {
  auto broker = kafka::EmbeddedBroker::start();
  ASSERT_TRUE(broker);
  ASSERT_TRUE(broker->create_topic("one"));

  EXPECT_FALSE(broker->create_topic("one"));
}

// kcat is a program of another process and another build of the client.
TEST(EmbeddedBroker, ServesKcatFromAnotherProcess) {
  if (std::system("command -v kcat >/dev/null") != 0) GTEST_SKIP() << "kcat is not installed";
  auto broker = kafka::EmbeddedBroker::start();
  ASSERT_TRUE(broker);
  ASSERT_TRUE(broker->create_topic("one", 1));
  const std::string where = " -b " + broker->bootstrap() + " -t one ";

  ASSERT_EQ(std::system(("printf 'k:{\"a\":1}' | timeout 20 kcat -q -P -K: -H h=1" + where).c_str()), 0);

  const auto read = read_all(broker->bootstrap(), "one", 1);
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].key, "k");
  EXPECT_EQ(read[0].value, R"({"a":1})");
  EXPECT_EQ(read[0].headers.at("h"), "1");
}

}  // namespace
}  // namespace nx::ingest::testing
