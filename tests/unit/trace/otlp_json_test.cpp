#include "trace/otlp_json.hpp"

#include <gtest/gtest.h>

#include "json/value.hpp"

namespace nx::trace {
namespace {

const Source kSource{"1.2.3", "instance-1", "signal.\"activity\"", "group", "postgresql"};
const Time kBegin{std::chrono::nanoseconds{1'800'000'000'123'456'789}};
constexpr observe::SpanContext kSelf{{0x0af7651916cd43dd, 0x8448eb211c80319c}, 0x00000000000000ff};

json::Value document(const Span& span) {
  const std::vector<Span> spans{span};
  auto parsed = json::parse(otlp_json(kSource, spans));
  EXPECT_TRUE(parsed);
  return parsed ? *parsed : json::Value();
}
json::Value span_of(const json::Value& document) {
  const auto& of_resource = document.find("resourceSpans")->items().at(0);
  return of_resource.find("scopeSpans")->items().at(0).find("spans")->items().at(0);
}
json::Value written(const Span& span) {
  return span_of(document(span));
}
/// The text of an attribute; empty: it is not there.
std::string attribute(const json::Value& of, std::string_view key) {
  for (const json::Value& one : of.find("attributes")->items()) {
    if (one.find("key")->text() == key) return one.find("value")->members().at(0).value.text();
  }
  return {};
}
std::string text(const json::Value& of, std::string_view name) {
  const json::Value* const member = of.find(name);
  return member == nullptr ? std::string() : member->text();
}

TEST(OtlpJson, AProcessSpanHasTheKafkaRecordAndItsRemoteParent) {
  const auto span = written({.self = kSelf,
                             .parent = 0xb7ad6b7169203331,
                             .begin = kBegin,
                             .end = kBegin + std::chrono::nanoseconds{11},
                             .details = Process{.partition = 3, .offset = 9'007'199'254'740'993, .bytes = 17}});

  EXPECT_EQ(text(span, "traceId"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(text(span, "spanId"), "00000000000000ff");
  EXPECT_EQ(text(span, "parentSpanId"), "b7ad6b7169203331");
  EXPECT_EQ(text(span, "name"), "process signal.\"activity\"");
  EXPECT_EQ(text(span, "kind"), "5");
  EXPECT_EQ(text(span, "flags"), "769") << "sampled, and its parent is known and remote";
  EXPECT_EQ(text(span, "startTimeUnixNano"), "1800000000123456789");
  EXPECT_EQ(text(span, "endTimeUnixNano"), "1800000000123456800");
  EXPECT_EQ(attribute(span, "messaging.destination.partition.id"), "3");
  EXPECT_EQ(attribute(span, "messaging.kafka.offset"), "9007199254740993");
  EXPECT_EQ(attribute(span, "messaging.message.body.size"), "17");
  EXPECT_EQ(span.find("status"), nullptr);
  EXPECT_EQ(span.find("links"), nullptr);
}

TEST(OtlpJson, TheFirstSpanOfATraceHasNoParentAndAFailureHasAStatus) {
  const auto span = written(
      {.self = kSelf, .parent = 0, .begin = kBegin, .end = kBegin, .details = Process{}, .error = "no \"good\""});

  EXPECT_EQ(span.find("parentSpanId"), nullptr);
  EXPECT_EQ(text(span, "flags"), "257");
  EXPECT_EQ(text(*span.find("status"), "code"), "2");
  EXPECT_EQ(text(*span.find("status"), "message"), "no \"good\"");
}

TEST(OtlpJson, AStoreSpanLinksToTheFirstOfItsTransaction) {
  const observe::SpanContext first{{1, 2}, 3};
  const auto span =
      written({.self = kSelf, .parent = 1, .begin = kBegin, .end = kBegin, .details = Store{12, 4, "stored", first}});

  ASSERT_NE(span.find("links"), nullptr);
  const auto& link = span.find("links")->items().at(0);
  EXPECT_EQ(text(link, "traceId"), "00000000000000010000000000000002");
  EXPECT_EQ(text(link, "spanId"), "0000000000000003");
  EXPECT_EQ(attribute(span, "signal.transaction.messages"), "12");
  EXPECT_EQ(attribute(span, "signal.outcome"), "stored");
  EXPECT_EQ(attribute(span, "db.system.name"), "postgresql");
}

TEST(OtlpJson, TheBusIsAProducerHereAndAConsumerThere) {
  Span span{.self = kSelf, .parent = 1, .begin = kBegin, .end = kBegin, .details = Publish{9, 2, "signal:users"}};
  const auto published = written(span);
  EXPECT_EQ(text(published, "name"), "publish signal:users");
  EXPECT_EQ(text(published, "kind"), "4");
  EXPECT_EQ(attribute(published, "messaging.system"), "redis");
  EXPECT_EQ(attribute(published, "signal.recipients.here"), "2");

  span.details = Frame{.frames = 7, .from_bus = true};
  const auto framed = written(span);
  EXPECT_EQ(text(framed, "name"), "frame");
  EXPECT_EQ(text(framed, "kind"), "5");
  EXPECT_EQ(text(framed, "flags"), "769");
  EXPECT_EQ(attribute(framed, "signal.frames"), "7");

  span.details = Frame{.frames = 7, .from_bus = false};
  EXPECT_EQ(text(written(span), "kind"), "1");
  span.details = Publish{9, 2, nullptr};
  EXPECT_EQ(text(written(span), "name"), "publish");
  EXPECT_EQ(attribute(written(span), "messaging.system"), "");
}

TEST(OtlpJson, NamesTheProcess) {
  const auto whole = document({.self = kSelf, .parent = 1, .begin = kBegin, .end = kBegin, .details = Resolve{}});
  const auto& resource = *whole.find("resourceSpans")->items().at(0).find("resource");
  EXPECT_EQ(attribute(resource, "service.name"), "nx-signal");
  EXPECT_EQ(attribute(resource, "service.version"), "1.2.3");
  EXPECT_EQ(attribute(resource, "service.instance.id"), "instance-1");
}

TEST(OtlpJson, ASpanNeverEndsBeforeItBegins) {
  const auto span = written({.self = kSelf,
                             .parent = 1,
                             .begin = kBegin,
                             .end = kBegin - std::chrono::seconds{5},
                             .details = Resolve{RecipientScope::merchant, 3}});
  EXPECT_EQ(text(span, "endTimeUnixNano"), text(span, "startTimeUnixNano"));
  EXPECT_EQ(attribute(span, "signal.recipient_scope"), "merchant");
}

}  // namespace
}  // namespace nx::trace
