#include "trace/span_writer.hpp"

#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace nx::trace {
namespace {

Span numbered(std::int64_t number) {
  return {.self = {{1, 2}, 3}, .parent = 0, .begin = {}, .end = {}, .details = Process{.offset = number}};
}
std::int64_t number_of(const Span& span) {
  return std::get<Process>(span.details).offset;
}

TEST(SpanWriterTest, GivesSpansInOrderAndOnlyOnce) {
  SpanWriter writer;
  for (int i = 0; i < 3; ++i) writer.add(numbered(i));
  std::vector<Span> taken;

  writer.take(taken);
  writer.take(taken);

  ASSERT_EQ(taken.size(), 3U);
  EXPECT_EQ(number_of(taken[0]), 0);
  EXPECT_EQ(number_of(taken[2]), 2);
}

TEST(SpanWriterTest, DropsAndCountsWhatDoesNotFit) {
  SpanWriter writer;
  for (std::size_t i = 0; i < SpanWriter::kSpans + 5; ++i) writer.add(numbered(static_cast<std::int64_t>(i)));
  std::vector<Span> taken;
  writer.take(taken);

  EXPECT_EQ(taken.size(), SpanWriter::kSpans);
  EXPECT_EQ(number_of(taken.back()), SpanWriter::kSpans - 1);
  EXPECT_EQ(writer.dropped(), 5U);

  writer.add(numbered(7));
  taken.clear();
  writer.take(taken);
  ASSERT_EQ(taken.size(), 1U) << "there is room again";
  EXPECT_EQ(number_of(taken[0]), 7);
}

TEST(SpanWriterTest, LosesAndRepeatsNothingBetweenTwoThreads) {
  constexpr std::int64_t kMany = 200'000;
  SpanWriter writer;
  std::atomic<bool> done{false};
  std::thread owner([&] {
    for (std::int64_t i = 0; i < kMany; ++i) writer.add(numbered(i));
    done = true;
  });
  std::vector<Span> taken;
  while (!done) writer.take(taken);
  owner.join();
  writer.take(taken);

  EXPECT_EQ(taken.size() + writer.dropped(), static_cast<std::size_t>(kMany));
  for (std::size_t i = 1; i < taken.size(); ++i) ASSERT_LT(number_of(taken[i - 1]), number_of(taken[i]));
}

TEST(SpanWriterTest, AChildIsInTheTraceOfItsParentWithAnIdOfItsOwn) {
  SpanWriter one, other;
  const observe::SpanContext parent{{5, 6}, 7};
  std::set<std::uint64_t> ids{parent.span};
  for (int i = 0; i < 1'000; ++i) {
    for (SpanWriter* writer : {&one, &other}) {
      const auto child = writer->child_of(parent);
      EXPECT_EQ(child.trace, parent.trace);
      EXPECT_TRUE(ids.insert(child.span).second);
    }
  }
}

TEST(SpanWriterTest, BeginsTracesByRatio) {
  SpanWriter writer;
  constexpr int kTries = 10'000;
  const auto roots = [&writer](double ratio) {
    int count = 0;
    for (int i = 0; i < kTries; ++i) count += writer.root(ratio) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(roots(0), 0);
  EXPECT_EQ(roots(1), kTries);
  // Ten standard deviations of the binomial distribution.
  EXPECT_NEAR(roots(0.25), kTries / 4, 434);
  EXPECT_NE(writer.root(1)->trace, writer.root(1)->trace);
}

TEST(SpanWriterTest, AMessageIsTracedIfItIsSampledAndTracingIsOn) {
  const std::string header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const SpanWriter writer;
  EXPECT_TRUE(traced(&writer, header));
  EXPECT_FALSE(traced(nullptr, header));
  EXPECT_FALSE(traced(&writer, std::nullopt));
  EXPECT_FALSE(traced(&writer, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"));
  EXPECT_FALSE(traced(&writer, "\"},\"x\":{\""));
}

}  // namespace
}  // namespace nx::trace
