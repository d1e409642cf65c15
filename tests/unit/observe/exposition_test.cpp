// The rules of https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4).

#include "observe/exposition.hpp"

#include <limits>
#include <regex>
#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>

namespace nx::observe {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Exposition, ACounterHasHelpTypeAndItsLabels) {
  Exposition metrics;
  metrics.counter("signal_notifications_total", "Notifications.", {{"outcome", "stored"}}, 7);

  EXPECT_EQ(metrics.text(),
            "# HELP signal_notifications_total Notifications.\n"
            "# TYPE signal_notifications_total counter\n"
            "signal_notifications_total{outcome=\"stored\"} 7\n");
}

TEST(Exposition, SamplesOfOneNameComeTogetherUnderOneHeadInWhateverOrderTheyAreFed) {
  Exposition metrics;
  metrics.counter("a_total", "A.", {{"outcome", "x"}}, 1);
  metrics.gauge("b", "B.", 2);
  metrics.counter("a_total", "A.", {{"outcome", "y"}}, 3);

  EXPECT_EQ(metrics.text(),
            "# HELP a_total A.\n# TYPE a_total counter\na_total{outcome=\"x\"} 1\na_total{outcome=\"y\"} 3\n"
            "# HELP b B.\n# TYPE b gauge\nb 2\n");
}

TEST(Exposition, EscapesBackslashQuoteAndLineFeedOfALabelAndBackslashAndLineFeedOfAHelpText) {
  Exposition metrics;
  metrics.gauge("a", "one \\ two\nthree \"four\"", {{"reason", "back\\slash \"quoted\"\nline"}}, 1);

  EXPECT_EQ(metrics.text(),
            "# HELP a one \\\\ two\\nthree \"four\"\n# TYPE a gauge\n"
            "a{reason=\"back\\\\slash \\\"quoted\\\"\\nline\"} 1\n");
}

TEST(Exposition, WritesNumbersThatReadBackTheSameAndTheThreeThatAreNone) {
  Exposition metrics;
  metrics.gauge("a", "A.", 0.1);
  metrics.gauge("b", "B.", -1.5e300);
  metrics.gauge("c", "C.", std::numeric_limits<double>::infinity());
  metrics.gauge("d", "D.", -std::numeric_limits<double>::infinity());
  metrics.gauge("e", "E.", std::numeric_limits<double>::quiet_NaN());
  metrics.counter("f_total", "F.", std::numeric_limits<std::uint64_t>::max());
  const auto lines = lines_of(metrics.text());

  EXPECT_EQ(lines.at(2), "a 0.1");
  EXPECT_EQ(lines.at(5), "b -1.5e+300");
  EXPECT_EQ(lines.at(8), "c +Inf");
  EXPECT_EQ(lines.at(11), "d -Inf");
  EXPECT_EQ(lines.at(14), "e NaN");
  EXPECT_EQ(lines.at(17), "f_total 18446744073709551615");
}

TEST(Exposition, AHistogramHasCumulativeBucketsUpToInfinityASumInSecondsAndACount) {
  Histogram histogram;
  histogram.record(std::chrono::milliseconds{3});
  histogram.record(std::chrono::milliseconds{5});
  histogram.record(std::chrono::seconds{10'000});
  Exposition metrics;
  metrics.histogram("signal_record_to_commit_seconds", "From record to commit.", {{"topic", "t"}},
                    histogram.snapshot());
  const auto lines = lines_of(metrics.text());

  ASSERT_EQ(lines.size(), 2 + kHistogramBounds.size() + 1 + 2);
  EXPECT_EQ(lines[1], "# TYPE signal_record_to_commit_seconds histogram");
  EXPECT_EQ(lines[2], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"1e-04\"} 0");
  EXPECT_EQ(lines[6], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"0.005\"} 2");
  EXPECT_EQ(lines[21], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"3600\"} 2");
  EXPECT_EQ(lines[22], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"+Inf\"} 3");
  EXPECT_EQ(lines[23], "signal_record_to_commit_seconds_sum{topic=\"t\"} 10000.008");
  EXPECT_EQ(lines[24], "signal_record_to_commit_seconds_count{topic=\"t\"} 3");
}

TEST(Exposition, EveryLineIsAHeadOrASample) {
  Histogram histogram;
  histogram.record(std::chrono::milliseconds{3});
  Exposition metrics;
  metrics.histogram("a_seconds", "A.", histogram.snapshot());
  metrics.counter("b_total", "B.", {{"code", "1000"}, {"why", "a \"b\" \\ \n c"}}, 1);
  metrics.gauge("c", "C.", std::numeric_limits<double>::quiet_NaN());
  const std::regex head{R"(# (HELP [a-z_]+ .*|TYPE [a-z_]+ (counter|gauge|histogram)))"};
  const std::regex sample{
      R"re([a-zA-Z_][a-zA-Z0-9_]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")*\})? (NaN|[+-]Inf|-?[0-9.e+-]+))re"};

  const std::string text = metrics.text();

  EXPECT_TRUE(text.ends_with('\n'));
  for (const auto& line : lines_of(text)) {
    EXPECT_TRUE(std::regex_match(line, head) || std::regex_match(line, sample)) << line;
  }
}

TEST(Exposition, RefusesWhatTheFormatForbids) {
  Exposition metrics;
  metrics.counter("a_total", "A.", {{"x", "1"}, {"y", "2"}}, 1);

  EXPECT_THROW(metrics.counter("a_total", "A.", {{"y", "2"}, {"x", "1"}}, 2), std::invalid_argument) << "series twice";
  EXPECT_THROW(metrics.gauge("b_total", "B.", 1), std::invalid_argument);
  EXPECT_THROW(metrics.counter("b", "B.", 1), std::invalid_argument) << "a counter ends in _total";
  EXPECT_THROW(metrics.histogram("a_ms", "A.", HistogramSnapshot{}), std::invalid_argument) << "seconds";
  EXPECT_THROW(metrics.gauge("", "No name.", 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("1a", "Begins with a digit.", 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("a-b", "Has a dash.", 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("c", "C.", {{"a-b", "x"}}, 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("d", "D.", {{"le", "x"}}, 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge("e", "E.", {{"__name", "x"}}, 1), std::invalid_argument);
  metrics.gauge("f_seconds", "F.", 1);
  EXPECT_THROW(metrics.histogram("f_seconds", "F.", HistogramSnapshot{}), std::invalid_argument) << "two types";
}

TEST(Exposition, NothingFedIsAnEmptyText) {
  EXPECT_EQ(Exposition{}.text(), "");
}

}  // namespace
}  // namespace nx::observe
