#include "delivery/bus_dispatch.hpp"

#include <gtest/gtest.h>

#include "contract/bus_channels.hpp"
#include "fanout/shards.hpp"
#include "unit/delivery/fakes.hpp"

namespace nx::delivery::testing {
namespace {

class BusDispatchTest : public ::testing::Test {
 protected:
  std::vector<std::string> questions, answers;
  fanout::Shards shards;
  fanout::FanOut fan_out{shards};
  Relay relay{{.server_id = "me"}, fan_out, kQuiet};
  BusDispatch dispatch{relay,
                       {.question = [this](std::string_view message) { questions.emplace_back(message); },
                        .answer = [this](std::string_view message) { answers.emplace_back(message); }}};
};

TEST_F(BusDispatchTest, OperatorsGetWhatIsOnTheirChannelsAlone) {
  dispatch(contract::kOperatorsChannel, "q");
  dispatch(contract::answers_channel("me"), "a");

  EXPECT_EQ(questions, std::vector<std::string>{"q"});
  EXPECT_EQ(answers, std::vector<std::string>{"a"});
  EXPECT_EQ(relay.stats().malformed.value(), 0U);
}

TEST_F(BusDispatchTest, AHintForManyIsReadAsOne) {
  dispatch(contract::kUsersChannel, R"({"serverId":"other","recorded":1,"users":["u1",1,1],"hint":{"event":"e"}})");

  EXPECT_EQ(relay.stats().nobody.value(), 1U);
}

TEST_F(BusDispatchTest, AllElseIsAnEnvelopeWhateverTheChannel) {
  const char* envelope = R"({"serverId":"emitter","type":"user","target":"u1","event":"e"})";
  dispatch(contract::user_channel({"u1"}), envelope);
  dispatch("ws:anything", envelope);

  EXPECT_EQ(relay.stats().relayed.value(), 2U);
  EXPECT_TRUE(questions.empty());
  EXPECT_TRUE(answers.empty());
}

}  // namespace
}  // namespace nx::delivery::testing
