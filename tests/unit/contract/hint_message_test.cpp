#include "contract/hint_message.hpp"

#include <gtest/gtest.h>

#include "contract/bus_envelope.hpp"

namespace nx::contract {
namespace {

constexpr const char* kHead = R"({"event":"e","data":{"a":1})";

struct Seen {
  std::string user;
  std::int64_t seq, unread;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Result<UsersHead> read(std::string_view text, std::vector<Seen>& seen) {
  return read_users_message(text, [&seen](std::string_view user, std::int64_t seq, std::int64_t unread) {
    seen.push_back({std::string(user), seq, unread});
  });
}

TEST(HintMessage, AnEnvelopeForOneUserIsWhatTheReferenceTakesAndMore) {
  const std::string text = user_hint_envelope("s1", {"u\"1"}, kHead, 5, 2, {99});
  EXPECT_EQ(
      text,
      R"({"serverId":"s1","type":"user","target":"u\"1","event":"e","data":{"a":1},"seq":5,"unread":2,"recorded":99})");
  const auto envelope = decode_bus_envelope(text);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(std::get<ToUser>(envelope->destination).user.value, "u\"1");
  EXPECT_EQ(envelope->recorded, 99);
  EXPECT_EQ(frame_text(*envelope), R"({"event":"e","data":{"a":1},"seq":5,"unread":2})");

  EXPECT_EQ(user_envelope("s1", {"u1"}, R"({"event":"x"})"),
            R"({"serverId":"s1","type":"user","target":"u1","event":"x"})");
}

TEST(HintMessage, AMessageForManyReadsBack) {
  UsersMessage message("s1", {99});
  message.add({"u1"}, 5, 2);
  message.add({"a \"quoted\" ü\n id"}, 9'007'199'254'740'993, 0);
  EXPECT_EQ(message.users(), 2U);
  const std::string text = message.finish(kHead);
  EXPECT_EQ(
      text,
      R"({"serverId":"s1","recorded":99,"users":["u1",5,2,"a \"quoted\" ü\n id",9007199254740993,0],"hint":{"event":"e","data":{"a":1}}})");

  std::vector<Seen> seen;
  const auto head = read(text, seen);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->server_id, "s1");
  EXPECT_EQ(*users_message_sender(text), "s1");
  EXPECT_EQ(head->recorded, EpochMs{99});
  EXPECT_EQ(head->hint, kHead);
  EXPECT_EQ(seen, (std::vector<Seen>{{"u1", 5, 2}, {"a \"quoted\" ü\n id", 9'007'199'254'740'993, 0}}));
}

TEST(HintMessage, EveryTruncationAndStrayByteIsRefused) {
  UsersMessage message("s1", {99});
  message.add({"u\\1"}, 5, 2);
  const std::string text = message.finish(kHead);
  std::vector<Seen> seen;
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    if (text.substr(0, size).ends_with("}}")) continue;  // the notification's own end: its JSON is checked later
    EXPECT_FALSE(read(text.substr(0, size), seen)) << text.substr(0, size);
  }
  for (const char* wrong : {
           R"({"serverId":"s","recorded":1,"users":["u",1,-1],"hint":{"event":"e"}})",
           R"({"serverId":"s","recorded":1,"users":["u",1],"hint":{"event":"e"}})",
           R"({"serverId":"s","recorded":1,"users":["u",1,1.5],"hint":{"event":"e"}})",
           R"({"serverId":"s","recorded":1,"users":["u",1,1,],"hint":{"event":"e"}})",
           R"({"serverId":"s","recorded":1,"users":[1,1,1],"hint":{"event":"e"}})",
           R"({"serverId":"s","recorded":1,"users":["\ud800",1,1],"hint":{"event":"e"}})",
           R"({"serverId":"s","recorded":1,"users":["u",99999999999999999999,1],"hint":{"event":"e"}})",
           R"({"serverId":"s","recorded":1,"users":[],"hint":[]})",
           R"( {"serverId":"s","recorded":1,"users":[],"hint":{"event":"e"}})",
       }) {
    EXPECT_FALSE(read(wrong, seen)) << wrong;
  }
}

}  // namespace
}  // namespace nx::contract
