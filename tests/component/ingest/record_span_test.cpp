// The span of each record, by its `traceparent`, which comes from outside.

#include "component/ingest/fixture.hpp"
#include "trace/span_writer.hpp"

namespace nx::ingest::testing {
namespace {

constexpr const char* kHeader = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class RecordSpanTest : public Ingest {
 protected:
  static Sent with(const std::string& title, const std::string& traceparent) {
    return {.value = message(title), .partition = 0, .headers = {{"traceparent", traceparent}}};
  }
  /// The spans of the records after all of them are done; the consumer has ended.
  std::vector<trace::Span> spans_of(const std::vector<Sent>& messages, double ratio = 0) {
    producer->send(kTopic, messages);
    auto chosen = options();
    chosen.spans = &writer;
    chosen.trace_ratio = ratio;
    const auto consumer = start(chosen);
    const auto count = static_cast<std::int64_t>(messages.size());
    EXPECT_TRUE(eventually([&] { return committed(broker->bootstrap(), kTopic) == count; }));
    consumer->stop();
    std::vector<trace::Span> taken;
    writer.take(taken);
    return taken;
  }
  trace::SpanWriter writer;
};

TEST_F(RecordSpanTest, ContinuesTheTraceOfTheProducer) {
  const auto spans = spans_of({with("a", kHeader)});

  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].self.trace, (observe::TraceId{.high = 0x0af7651916cd43dd, .low = 0x8448eb211c80319c}));
  EXPECT_EQ(spans[0].parent, 0xb7ad6b7169203331);
  EXPECT_EQ(spans[0].error, nullptr);
  const auto& process = std::get<trace::Process>(spans[0].details);
  EXPECT_EQ(process.offset, 0);
  EXPECT_EQ(process.bytes, message("a").size());
}

TEST_F(RecordSpanTest, FollowsTheProducersDecisionNotToSample) {
  EXPECT_TRUE(spans_of({with("a", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")}, 1).empty());
}

TEST_F(RecordSpanTest, ARecordWithoutOrWithABadHeaderBeginsATraceByRatio) {
  const std::vector<Sent> messages{{.value = message("none"), .partition = 0},
                                   with("short", "00-0af7"),
                                   with("zero", "00-00000000000000000000000000000000-b7ad6b7169203331-01"),
                                   with("quotes", std::string(R"("},"x":{")")),
                                   with("nul", std::string(55, '\0')),
                                   with("long", kHeader + std::string(10'000, 'x'))};
  const auto spans = spans_of(messages, 1);

  ASSERT_EQ(spans.size(), messages.size());
  for (const trace::Span& span : spans) EXPECT_EQ(span.parent, 0U);
  EXPECT_EQ(rows.stored(), messages.size());
}

TEST_F(RecordSpanTest, WithoutARatioSuchARecordHasNoSpan) {
  EXPECT_TRUE(spans_of({{.value = message("none"), .partition = 0}, with("short", "00-0af7")}).empty());
}

TEST_F(RecordSpanTest, AMessageThatCanNeverBeHandledEndsWithAnError) {
  rows.refused_title = "refused";
  const auto spans =
      spans_of({{.value = "no JSON", .partition = 0, .headers = {{"traceparent", kHeader}}}, with("refused", kHeader)});

  ASSERT_EQ(spans.size(), 2U);
  for (const trace::Span& span : spans) EXPECT_STREQ(span.error, "message can never be handled");
}

}  // namespace
}  // namespace nx::ingest::testing
