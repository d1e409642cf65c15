#include "emitter/envelope.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::emitter {
namespace {

using nxsignal::Id;
using testing::HasSubstr;

std::string published(const Push& push) {
  const auto publication = publication_of(push);
  EXPECT_TRUE(publication.has_value()) << (publication ? "" : publication.error().message);
  return publication ? publication->channel + " " + publication->message : "";
}

std::string refusal(const Push& push) {
  const auto publication = publication_of(push);
  EXPECT_FALSE(publication.has_value());
  if (publication) return "";
  EXPECT_EQ(publication.error().kind, ErrorKind::invalid);
  return publication.error().message;
}

Push to_user(Id user, std::string_view event, std::optional<std::string_view> data) {
  return {TargetType::user, std::move(user), event, data, std::nullopt};
}

// As the WebSocketEmitter of @venizia/ignis-helpers 0.0.7 published it.
TEST(Envelope, IsWhatTheWebSocketEmitterPublishes) {
  EXPECT_EQ(
      published(to_user("u1", "observation/signal/notification/created", R"({"id":"n1","ok":true})")),
      R"(ws:user:u1 {"serverId":"emitter","type":"user","target":"u1","event":"observation/signal/notification/created","data":{"id":"n1","ok":true}})");
  EXPECT_EQ(published({TargetType::client, Id("7b1082a6-1"), "e", std::nullopt, std::nullopt}),
            R"(ws:client:7b1082a6-1 {"serverId":"emitter","type":"client","target":"7b1082a6-1","event":"e"})");
  EXPECT_EQ(published({TargetType::room, Id("r1"), "e", "[1,2]", std::nullopt}),
            R"(ws:room:r1 {"serverId":"emitter","type":"room","target":"r1","event":"e","data":[1,2]})");
  EXPECT_EQ(
      published({TargetType::room, Id("r1"), "e-ex", "null", std::vector<std::string>{"7b1082a6-1"}}),
      R"(ws:room:r1 {"serverId":"emitter","type":"room","target":"r1","event":"e-ex","data":null,"exclude":["7b1082a6-1"]})");
  EXPECT_EQ(published({TargetType::room, Id("r1"), "e-ex0", "1", std::vector<std::string>{}}),
            R"(ws:room:r1 {"serverId":"emitter","type":"room","target":"r1","event":"e-ex0","data":1,"exclude":[]})");
  EXPECT_EQ(published({TargetType::everyone, std::nullopt, "bc", R"("txt")", std::nullopt}),
            R"(ws:broadcast {"serverId":"emitter","type":"broadcast","event":"bc","data":"txt"})");
}

TEST(Envelope, CarriesNumericIdsAsNumbers) {
  EXPECT_EQ(published(to_user(5, "e", std::nullopt)),
            R"(ws:user:5 {"serverId":"emitter","type":"user","target":5,"event":"e"})");
  EXPECT_EQ(
      published(to_user(std::int64_t{-9'223'372'036'854'775'807}, "e", std::nullopt)),
      R"(ws:user:-9223372036854775807 {"serverId":"emitter","type":"user","target":-9223372036854775807,"event":"e"})");
  EXPECT_EQ(published(to_user("5", "e", std::nullopt)),
            R"(ws:user:5 {"serverId":"emitter","type":"user","target":"5","event":"e"})");
}

TEST(Envelope, WritesDataAsJsonStringifyDoes) {
  EXPECT_EQ(
      published(to_user("u", "", " { \"b\" : [ 1.50 , true ] ,\n\"a\":\"\\u00e9\\/\\u0001\" } ")),
      R"(ws:user:u {"serverId":"emitter","type":"user","target":"u","event":"","data":{"b":[1.50,true],"a":"é/\u0001"}})");
}

TEST(Envelope, EscapesTextsInTheMessageAndLeavesTheChannelRaw) {
  EXPECT_EQ(published({TargetType::room, Id("a\"b\\ü\n"), "e\"", std::nullopt, std::vector<std::string>{"x\"", "y"}}),
            "ws:room:a\"b\\ü\n "
            R"({"serverId":"emitter","type":"room","target":"a\"b\\ü\n","event":"e\"","exclude":["x\"","y"]})");
}

TEST(Envelope, NamesTheArgumentThatIsWrong) {
  EXPECT_THAT(refusal(to_user("", "e", std::nullopt)), HasSubstr("the target is empty"));
  EXPECT_THAT(refusal(to_user("\xff", "e", std::nullopt)), HasSubstr("the target is not valid UTF-8"));
  EXPECT_THAT(refusal(to_user("u", "\xed\xa0\x80", std::nullopt)), HasSubstr("the event is not valid UTF-8"));
  EXPECT_THAT(refusal({TargetType::room, Id("r"), "e", std::nullopt, std::vector<std::string>{"ok", "\xc3"}}),
              HasSubstr("an excluded id is not valid UTF-8"));
  for (const char* const data : {"", "{", "{'a':1}", "undefined", "1 2", "\"\xff\"", "\"\\ud800\""}) {
    EXPECT_THAT(refusal(to_user("u", "e", data)), HasSubstr("data: not JSON")) << data;
  }
}

}  // namespace
}  // namespace nx::emitter
