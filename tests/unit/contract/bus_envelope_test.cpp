#include "contract/bus_envelope.hpp"

#include <gtest/gtest.h>

namespace nx::contract {
namespace {

BusEnvelope decode(std::string_view text) {
  auto envelope = decode_bus_envelope(text);
  EXPECT_TRUE(envelope) << text << ": " << envelope.error().message;
  return envelope ? *envelope : BusEnvelope{};
}

bool dropped(std::string_view text) {
  const auto envelope = decode_bus_envelope(text);
  return !envelope && envelope.error().kind == ErrorKind::invalid;
}

// What the reference's WebSocketEmitter and server publish, byte for byte: recorded from helpers 0.0.7.
TEST(BusEnvelope, ReadsWhatTheReferencePublishes) {
  struct Golden {
    const char* bytes;
    BusDestination destination;
    const char* frame;
  };
  const Golden goldens[] = {
      {R"({"serverId":"4ce589d1-9505-4355-868e-405ab8ed0253","type":"room","target":"r1","event":"t/room","data":{"a":1}})",
       ToRoom{{"r1"}, {}}, R"({"event":"t/room","data":{"a":1}})"},
      {R"({"serverId":"4ce589d1-9505-4355-868e-405ab8ed0253","type":"broadcast","event":"t/all","data":0})",
       ToEveryone{}, R"({"event":"t/all","data":0})"},
      {R"({"serverId":"4ce589d1-9505-4355-868e-405ab8ed0253","type":"client","target":"7b1082a6","event":"t/client","data":null})",
       ToClient{{"7b1082a6"}}, R"({"event":"t/client","data":null})"},
      {R"({"serverId":"emitter","type":"user","target":"u1","event":"observation/signal/notification/created","data":{"id":"n1","ok":true}})",
       ToUser{{"u1"}}, R"({"event":"observation/signal/notification/created","data":{"id":"n1","ok":true}})"},
      {R"({"serverId":"emitter","type":"client","target":"c1","event":"e"})", ToClient{{"c1"}}, R"({"event":"e"})"},
      {R"({"serverId":"emitter","type":"room","target":"r1","event":"e","data":[1,2]})", ToRoom{{"r1"}, {}},
       R"({"event":"e","data":[1,2]})"},
      {R"({"serverId":"emitter","type":"room","target":"r1","event":"e-ex","data":null,"exclude":["7b1082a6"]})",
       ToRoom{{"r1"}, {{"7b1082a6"}}}, R"({"event":"e-ex","data":null})"},
      {R"({"serverId":"emitter","type":"room","target":"r1","event":"e-ex0","data":1,"exclude":[]})",
       ToRoom{{"r1"}, {}}, R"({"event":"e-ex0","data":1})"},
      {R"({"serverId":"emitter","type":"broadcast","event":"bc","data":"txt"})", ToEveryone{},
       R"({"event":"bc","data":"txt"})"},
  };
  for (const Golden& golden : goldens) {
    const auto envelope = decode(golden.bytes);
    EXPECT_EQ(envelope.destination, golden.destination) << golden.bytes;
    EXPECT_EQ(frame_text(envelope), golden.frame);
  }
}

TEST(BusEnvelope, TakesAnEmptyEventAndPassesOverUnknownMembers) {
  EXPECT_EQ(frame_text(decode(R"({"serverId":"x","type":"broadcast","event":"","more":1})")), R"({"event":""})");
}

TEST(BusEnvelope, TakesAnIntegerAndItsTextAsTheSameId) {
  EXPECT_EQ(decode(R"({"serverId":"x","type":"user","target":5,"event":"e"})").destination,
            BusDestination{ToUser{{"5"}}});
  EXPECT_EQ(decode(R"({"serverId":"x","type":"user","target":9007199254740993,"event":"e"})").destination,
            BusDestination{ToUser{{"9007199254740993"}}});
  EXPECT_EQ(decode(R"({"topic":"e","destination":9007199254740993})").destination,
            BusDestination{ToClientOrUser{"9007199254740993"}});
}

TEST(BusEnvelope, DropsWhatTheReferenceDrops) {
  for (const char* text : {
           "",
           "not json",
           "null",
           "[]",
           "1",
           "{}",
           R"({"serverId":1,"type":"broadcast","event":"e"})",
           R"({"type":"broadcast","event":"e"})",
           R"({"serverId":"x","type":"broadcast"})",
           R"({"serverId":"x","type":"broadcast","event":1})",
           R"({"serverId":"x","event":"e"})",
           R"({"serverId":"x","type":"users","target":"u","event":"e"})",
           R"({"serverId":"x","type":"user","event":"e"})",
           R"({"serverId":"x","type":"user","target":"","event":"e"})",
           R"({"serverId":"x","type":"room","target":null,"event":"e"})",
           R"({"serverId":"x","type":"client","target":0,"event":"e"})",
           R"({"serverId":"x","type":"user","target":1.0,"event":"e"})",
           R"({"serverId":"x","type":"user","target":1e3,"event":"e"})",
           R"({"serverId":"x","type":"user","target":true,"event":"e"})",
           R"({"serverId":"x","type":"broadcast","event":"e","exclude":"c1"})",
       }) {
    EXPECT_TRUE(dropped(text)) << text;
  }
}

TEST(BusEnvelope, IgnoresExcludeForOneClientOrUser) {
  EXPECT_EQ(decode(R"({"serverId":"x","type":"client","target":"c","event":"e","exclude":["c"]})").destination,
            BusDestination{ToClient{{"c"}}});
}

TEST(BusEnvelope, ReadsTheFormWithATopicByItsDestination) {
  struct Case {
    const char* destination;
    BusDestination meant;
  };
  const Case cases[] = {
      {R"(,"destination":"ws-default")", ToRoom{{"ws-default"}, {}}},
      {R"(,"destination":"ws-notification")", ToRoom{{"ws-notification"}, {}}},
      {R"(,"destination":"org:7")", ToRoom{{"org:7"}, {}}},
      {R"(,"destination":"merchant:m")", ToRoom{{"merchant:m"}, {}}},
      {R"(,"destination":"org:")", ToClientOrUser{"org:"}},  // no room, and nobody is called so
      {R"(,"destination":"u1")", ToClientOrUser{"u1"}},
      {R"(,"destination":12)", ToClientOrUser{"12"}},
      {"", ToEveryone{}},
  };
  for (const Case& one : cases) {
    const auto envelope = decode(std::string{R"({"topic":"t/x","data":{"a": 1})"} + one.destination + "}");
    EXPECT_EQ(envelope.destination, one.meant) << one.destination;
    EXPECT_EQ(frame_text(envelope), R"({"event":"t/x","data":{"a": 1}})");
  }
  EXPECT_EQ(frame_text(decode(R"({"topic":"t"})")), R"({"event":"t"})");
}

TEST(BusEnvelope, ADestinationThatIsNoIdMustNotBecomeABroadcast) {
  for (const char* destination : {"null", "\"\"", "true", "1.5", "1e3", "[]", "{}", "[\"u1\"]"}) {
    EXPECT_TRUE(dropped(std::string{R"({"topic":"t","data":1,"destination":)"} + destination + "}")) << destination;
  }
  EXPECT_TRUE(dropped(R"({"topic":"","data":1})"));
  EXPECT_TRUE(dropped(R"({"topic":5,"data":1})"));
  EXPECT_TRUE(dropped(R"({"topic":null,"data":1})"));
}

TEST(BusEnvelope, DecidesByShapeWhenBothFormsAreThere) {
  const auto envelope =
      decode(R"({"serverId":"x","type":"user","target":"u","event":"e","topic":"t","destination":"ws-default"})");

  EXPECT_EQ(envelope.destination, BusDestination{ToUser{{"u"}}});
  EXPECT_EQ(envelope.event, "e");
}

TEST(BusEnvelope, KeepsNumbersAndTextOfTheDataAsTheyCame) {
  const auto envelope =
      decode("{\"topic\":\"t\",\"data\":{\"n\":1.10,\"big\":12345678901234567890123,\"s\":\"/é\\u00e9\\n\"}}");

  EXPECT_EQ(frame_text(envelope),
            "{\"event\":\"t\",\"data\":{\"n\":1.10,\"big\":12345678901234567890123,\"s\":\"/é\\u00e9\\n\"}}");
}

TEST(BusEnvelope, ALoneSurrogateArrivesAsU_FFFDAndIsCounted) {
  const auto envelope = decode(
      R"({"serverId":"x","type":"room","target":"r","event":"e\udc00","data":{"cut":"Hi \ud83d","whole":"\ud83d\ude00"}})");

  EXPECT_EQ(frame_text(envelope),
            "{\"event\":\"e\uFFFD\",\"data\":{\"cut\":\"Hi \\ufffd\",\"whole\":\"\\ud83d\\ude00\"}}");
  EXPECT_EQ(envelope.replaced, 2U);
  EXPECT_EQ(decode(R"({"topic":"t","data":"\ud83d\ude00"})").replaced, 0U);
}

TEST(BusEnvelope, PassesTheSiblingsOfAHintOnForOneUser) {
  EXPECT_EQ(
      frame_text(decode(
          R"({"serverId":"x","type":"user","target":"u","event":"e","data":{},"seq":12,"unread":3,"traceparent":"00-a"})")),
      R"({"event":"e","data":{},"traceparent":"00-a","seq":12,"unread":3})");
  EXPECT_EQ(frame_text(decode(R"({"serverId":"x","type":"broadcast","event":"e","data":{},"seq":12,"unread":3})")),
            R"({"event":"e","data":{}})");
  EXPECT_EQ(frame_text(decode(R"({"serverId":"x","type":"user","target":"u","event":"e","seq":1})")),
            R"({"event":"e"})");
  EXPECT_EQ(frame_text(decode(R"({"serverId":"x","type":"user","target":"u","event":"updated","data":{},"unread":0})")),
            R"({"event":"updated","data":{},"unread":0})");
}

}  // namespace
}  // namespace nx::contract
