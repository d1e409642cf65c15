// The spans of a message, and what the hint carries of them.

#include <gtest/gtest.h>

#include "trace/span_writer.hpp"
#include "unit/delivery/notify_fixture.hpp"

namespace nx::delivery::testing {
namespace {

constexpr const char* kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr const char* kOther = "00-1bf7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01";
constexpr std::uint64_t kParentSpan = 0xb7ad6b7169203331;

class NotifySpansTest : public NotifyTest {
 protected:
  NotifySpansTest() { options.spans = &writer; }
  std::vector<trace::Span> spans() {
    std::vector<trace::Span> taken;
    writer.take(taken);
    return taken;
  }
  static Activity with(Activity activity, const char* traceparent) {
    activity.traceparent = traceparent;
    return activity;
  }
  trace::SpanWriter writer;
};

template <class Details>
std::vector<trace::Span> of(const std::vector<trace::Span>& spans) {
  std::vector<trace::Span> found;
  for (const trace::Span& span : spans) {
    if (std::holds_alternative<Details>(span.details)) found.push_back(span);
  }
  return found;
}

TEST_F(NotifySpansTest, ASampledMessageHasASpanForEachStep) {
  connected = 1;
  has_bus = true;
  ASSERT_TRUE(run({with(to_users("a", 3), kParent)}));

  const auto all = spans();
  ASSERT_EQ(all.size(), 3U);
  for (const trace::Span& span : all) {
    EXPECT_EQ(span.self.trace, (observe::TraceId{.high = 0x0af7651916cd43dd, .low = 0x8448eb211c80319c}));
    EXPECT_EQ(span.parent, kParentSpan);
    EXPECT_LE(span.begin, span.end);
  }
  EXPECT_EQ(std::get<trace::Resolve>(all[0].details).recipients, 3U);
  EXPECT_EQ(std::get<trace::Store>(all[1].details).recipients, 3U);
  EXPECT_STREQ(std::get<trace::Store>(all[1].details).outcome, "stored");
  EXPECT_EQ(std::get<trace::Publish>(all[2].details).recipients, 3U);
  EXPECT_EQ(std::get<trace::Publish>(all[2].details).here, 1U);
}

TEST_F(NotifySpansTest, TheHintCarriesTheSpanOfItsPublication) {
  ASSERT_TRUE(run({with(to_users("a", 1), kParent)}));

  const auto published = of<trace::Publish>(spans());
  ASSERT_EQ(published.size(), 1U);
  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_EQ(pushed[0].parent, published[0].self);
  EXPECT_TRUE(pushed[0].head.ends_with(R"(,"traceparent":")" + observe::traceparent_text(published[0].self) + '"'))
      << pushed[0].head;
}

TEST_F(NotifySpansTest, MessagesOfOneTransactionAreLinkedAcrossTheirTraces) {
  ASSERT_TRUE(run({with(to_users("a", 1), kParent), to_users("b", 1), with(to_users("c", 1), kOther)}));

  const auto stored = of<trace::Store>(spans());
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(std::get<trace::Store>(stored[0].details).messages, 3U);
  EXPECT_FALSE(std::get<trace::Store>(stored[0].details).with_messages_of);
  EXPECT_EQ(std::get<trace::Store>(stored[1].details).with_messages_of, stored[0].self);
  EXPECT_NE(stored[0].self.trace, stored[1].self.trace);
}

TEST_F(NotifySpansTest, AMessageThatIsNotSampledHasNoSpanAndItsHintKeepsItsHeader) {
  const std::string header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  ASSERT_TRUE(run({with(to_users("a", 1), header.c_str()), to_users("b", 1)}));

  EXPECT_TRUE(spans().empty());
  ASSERT_EQ(pushed.size(), 2U);
  EXPECT_TRUE(pushed[0].head.ends_with(R"(,"traceparent":")" + header + '"'));
  EXPECT_EQ(pushed[1].head.find("traceparent"), std::string::npos);
  EXPECT_FALSE(pushed[0].parent);
}

TEST_F(NotifySpansTest, WithoutTracingTheHintKeepsTheHeaderOfTheRecord) {
  options.spans = nullptr;
  ASSERT_TRUE(run({with(to_users("a", 1), kParent)}));

  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_TRUE(pushed[0].head.ends_with(std::string(R"(,"traceparent":")") + kParent + '"'));
  EXPECT_FALSE(pushed[0].parent);
}

TEST_F(NotifySpansTest, WhatIsTooOldToBePushedIsNotPublished) {
  Activity old = with(to_users("old", 1), kParent);
  old.record_time = {kNow.value - 3'600'001};
  ASSERT_TRUE(run({old}));

  const auto all = spans();
  EXPECT_EQ(of<trace::Store>(all).size(), 1U);
  EXPECT_TRUE(of<trace::Publish>(all).empty());
}

}  // namespace
}  // namespace nx::delivery::testing
