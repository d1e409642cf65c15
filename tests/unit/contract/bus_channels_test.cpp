#include "contract/bus_channels.hpp"

#include <gtest/gtest.h>

namespace nx::contract {
namespace {

TEST(BusChannels, AreNamedAsTheDocumentSays) {
  EXPECT_EQ(user_channel({"u:1"}), "ws:user:u:1");
  EXPECT_EQ(client_channel({"c"}), "ws:client:c");
  EXPECT_EQ(room_channel({"org:7"}), "ws:room:org:7");
  EXPECT_EQ(answers_channel("i"), "signal:answers:i");
  EXPECT_EQ(probe_channel("i"), "signal:probe:i");
}

TEST(BusChannels, ThePatternsTakeEveryPushChannel) {
  for (const std::string& channel : {room_channel({"r"}), client_channel({"c"}), user_channel({"u"})}) {
    int taken = 0;
    for (const std::string_view pattern : kPushPatterns) {
      ASSERT_TRUE(pattern.ends_with('*'));
      taken += channel.starts_with(pattern.substr(0, pattern.size() - 1)) ? 1 : 0;
    }
    EXPECT_EQ(taken, 1) << channel;
  }
}

TEST(BusChannels, OnlyAUsersOwnIsOne) {
  EXPECT_TRUE(is_user_channel(user_channel({"u"})));
  for (const char* channel : {"ws:user", "ws:users:1", "ws:room:r", kUsersChannel, "c"}) {
    EXPECT_FALSE(is_user_channel(channel)) << channel;
  }
}

TEST(BusChannels, TheNameSaysWhatTheMessagesAre) {
  EXPECT_EQ(content_of(kUsersChannel), ChannelContent::users_hint);
  EXPECT_EQ(content_of(kOperatorsChannel), ChannelContent::operator_question);
  EXPECT_EQ(content_of(answers_channel("i")), ChannelContent::operator_answer);
  for (const std::string& channel : {std::string(kBroadcastChannel), user_channel({"u"}), room_channel({"r"}),
                                     std::string("signal:usersx"), std::string("signal:answers"), std::string()}) {
    EXPECT_EQ(content_of(channel), ChannelContent::envelopes) << channel;
  }
}

}  // namespace
}  // namespace nx::contract
