// The rules of https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4) and of OpenMetrics 1.0.

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

constexpr auto kPrometheus = ExpositionFormat::prometheus;
constexpr auto kOpenMetrics = ExpositionFormat::open_metrics;

constexpr MetricFamily counter(std::string_view name, std::string_view label = {}) {
  return {name, MetricType::counter, "things", {label}, "C."};
}
constexpr MetricFamily gauge(std::string_view name, std::string_view label = {}) {
  return {name, MetricType::gauge, "things", {label}, "G."};
}
constexpr MetricFamily histogram(std::string_view name, std::string_view label = {}) {
  return {name, MetricType::histogram, "seconds", {label}, "H."};
}

TEST(Exposition, ACounterHasHelpTypeAndItsLabels) {
  Exposition metrics{kPrometheus};
  metrics.counter(counter("signal_notifications_total", "outcome"), {{"outcome", "stored"}}, 7);

  EXPECT_EQ(metrics.text(),
            "# HELP signal_notifications_total C.\n"
            "# TYPE signal_notifications_total counter\n"
            "signal_notifications_total{outcome=\"stored\"} 7\n");
}

TEST(Exposition, SamplesOfOneNameComeTogetherUnderOneHeadInWhateverOrderTheyAreFed) {
  Exposition metrics{kPrometheus};
  metrics.counter(counter("a_total", "outcome"), {{"outcome", "x"}}, 1);
  metrics.gauge(gauge("b"), 2);
  metrics.counter(counter("a_total", "outcome"), {{"outcome", "y"}}, 3);

  EXPECT_EQ(metrics.text(),
            "# HELP a_total C.\n# TYPE a_total counter\na_total{outcome=\"x\"} 1\na_total{outcome=\"y\"} 3\n"
            "# HELP b G.\n# TYPE b gauge\nb 2\n");
}

TEST(Exposition, OpenMetricsNamesACounterWithoutTotalAUnitThatEndsTheNameAndTheEnd) {
  Exposition metrics{kOpenMetrics};
  metrics.counter({"received_bytes_total", MetricType::counter, "bytes", {}, "Bytes."}, 1);
  metrics.counter({"bytes_out_total", MetricType::counter, "bytes", {}, "Bytes."}, 2);
  metrics.gauge({"reachable", MetricType::gauge, "1 or 0", {}, "Reachable."}, 1);

  EXPECT_EQ(metrics.text(),
            "# HELP received_bytes Bytes.\n# TYPE received_bytes counter\n# UNIT received_bytes bytes\n"
            "received_bytes_total 1\n"
            "# HELP bytes_out Bytes.\n# TYPE bytes_out counter\nbytes_out_total 2\n"
            "# HELP reachable Reachable.\n# TYPE reachable gauge\nreachable 1\n"
            "# EOF\n");
}

TEST(Exposition, EscapesBackslashQuoteAndLineFeedOfALabelAndOfAHelpTextWhatItsFormatWants) {
  const auto text = [](ExpositionFormat format) {
    Exposition metrics{format};
    metrics.gauge({"a", MetricType::gauge, "things", {"reason"}, "one \\ two\nthree \"four\""},
                  {{"reason", "back\\slash \"quoted\"\nline"}}, 1);
    return metrics.text();
  };
  const std::string rest =
      "# TYPE a gauge\n"
      "a{reason=\"back\\\\slash \\\"quoted\\\"\\nline\"} 1\n";

  EXPECT_EQ(text(kPrometheus), "# HELP a one \\\\ two\\nthree \"four\"\n" + rest);
  EXPECT_EQ(text(kOpenMetrics), "# HELP a one \\\\ two\\nthree \\\"four\\\"\n" + rest + "# EOF\n");
}

TEST(Exposition, WritesNumbersThatReadBackTheSameAndTheThreeThatAreNone) {
  Exposition metrics{kPrometheus};
  metrics.gauge(gauge("a"), 0.1);
  metrics.gauge(gauge("b"), -1.5e300);
  metrics.gauge(gauge("c"), std::numeric_limits<double>::infinity());
  metrics.gauge(gauge("d"), -std::numeric_limits<double>::infinity());
  metrics.gauge(gauge("e"), std::numeric_limits<double>::quiet_NaN());
  metrics.counter(counter("f_total"), std::numeric_limits<std::uint64_t>::max());
  const auto lines = lines_of(metrics.text());

  EXPECT_EQ(lines.at(2), "a 0.1");
  EXPECT_EQ(lines.at(5), "b -1.5e+300");
  EXPECT_EQ(lines.at(8), "c +Inf");
  EXPECT_EQ(lines.at(11), "d -Inf");
  EXPECT_EQ(lines.at(14), "e NaN");
  EXPECT_EQ(lines.at(17), "f_total 18446744073709551615");
}

TEST(Exposition, AHistogramHasCumulativeBucketsUpToInfinityASumInSecondsAndACount) {
  Histogram histogram_of_times;
  histogram_of_times.record(std::chrono::milliseconds{3});
  histogram_of_times.record(std::chrono::milliseconds{5});
  histogram_of_times.record(std::chrono::seconds{10'000});
  Exposition metrics{kPrometheus};
  metrics.histogram(histogram("signal_record_to_commit_seconds", "topic"), {{"topic", "t"}},
                    histogram_of_times.snapshot());
  const auto lines = lines_of(metrics.text());

  ASSERT_EQ(lines.size(), 2 + kHistogramBounds.size() + 1 + 2);
  EXPECT_EQ(lines[1], "# TYPE signal_record_to_commit_seconds histogram");
  EXPECT_EQ(lines[2], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"0.0001\"} 0");
  EXPECT_EQ(lines[6], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"0.005\"} 2");
  EXPECT_EQ(lines[13], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"1.0\"} 2");
  EXPECT_EQ(lines[21], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"3600.0\"} 2");
  EXPECT_EQ(lines[22], "signal_record_to_commit_seconds_bucket{topic=\"t\",le=\"+Inf\"} 3");
  EXPECT_EQ(lines[23], "signal_record_to_commit_seconds_sum{topic=\"t\"} 10000.008");
  EXPECT_EQ(lines[24], "signal_record_to_commit_seconds_count{topic=\"t\"} 3");
}

TEST(Exposition, BothFormatsHaveTheSameSamples) {
  Histogram histogram_of_times;
  histogram_of_times.record(std::chrono::milliseconds{3});
  const auto samples = [&histogram_of_times](ExpositionFormat format) {
    Exposition metrics{format};
    metrics.histogram(histogram("a_seconds"), histogram_of_times.snapshot());
    metrics.counter(counter("b_total", "code"), {{"code", "1000"}}, 1);
    auto lines = lines_of(metrics.text());
    std::erase_if(lines, [](const std::string& line) { return line.starts_with('#'); });
    return lines;
  };

  EXPECT_EQ(samples(kPrometheus), samples(kOpenMetrics));
  EXPECT_EQ(samples(kPrometheus).size(), kHistogramBounds.size() + 1 + 2 + 1);
}

TEST(Exposition, AnExemplarFollowsItsBucketInOpenMetricsAlone) {
  Histogram histogram_of_times;
  histogram_of_times.record(std::chrono::milliseconds{670});
  ExemplarSlots exemplars;
  exemplars.set({.trace = {.high = 0x0123456789abcdefU, .low = 0xfU},
                 .value = std::chrono::milliseconds{670},
                 .at = EpochMs{1'795'854'000'125}});
  const auto lines = [&](ExpositionFormat format) {
    Exposition metrics{format};
    metrics.histogram(histogram("a_seconds"), histogram_of_times.snapshot(), exemplars.snapshot());
    return lines_of(metrics.text());
  };

  // The head of OpenMetrics has one line more, the unit.
  EXPECT_EQ(lines(kOpenMetrics).at(14),
            R"(a_seconds_bucket{le="1.0"} 1 # {trace_id="0123456789abcdef000000000000000f"} 0.67 1795854000.125)");
  EXPECT_EQ(lines(kOpenMetrics).at(15), R"(a_seconds_bucket{le="2.0"} 1)");
  EXPECT_EQ(lines(kPrometheus).at(13), R"(a_seconds_bucket{le="1.0"} 1)");
}

TEST(Exposition, EveryLineIsAHeadOrASample) {
  Histogram histogram_of_times;
  histogram_of_times.record(std::chrono::milliseconds{3});
  Exposition metrics{kPrometheus};
  metrics.histogram(histogram("a_seconds"), histogram_of_times.snapshot());
  metrics.counter({"b_total", MetricType::counter, "things", {"code", "why"}, "B."},
                  {{"code", "1000"}, {"why", "a \"b\" \\ \n c"}}, 1);
  metrics.gauge(gauge("c"), std::numeric_limits<double>::quiet_NaN());
  const std::regex head{R"(# (HELP [a-z_]+ .*|TYPE [a-z_]+ (counter|gauge|histogram)))"};
  const std::regex sample{
      R"re([a-zA-Z_][a-zA-Z0-9_]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")*\})? (NaN|[+-]Inf|-?[0-9.e+-]+))re"};

  const std::string text = metrics.text();

  EXPECT_TRUE(text.ends_with('\n'));
  for (const auto& line : lines_of(text)) {
    EXPECT_TRUE(std::regex_match(line, head) || std::regex_match(line, sample)) << line;
  }
}

TEST(Exposition, RefusesASeriesTwiceWhateverTheOrderOfItsLabels) {
  constexpr MetricFamily family{"a_total", MetricType::counter, "things", {"x", "y"}, "A."};
  Exposition metrics{kPrometheus};
  metrics.counter(family, {{"x", "1"}, {"y", "2"}}, 1);

  EXPECT_THROW(metrics.counter(family, {{"y", "2"}, {"x", "1"}}, 2), std::invalid_argument);
}

TEST(Exposition, RefusesASampleWithOtherLabelsOrOfAnotherTypeThanItsFamily) {
  Exposition metrics{kPrometheus};

  EXPECT_THROW(metrics.gauge(gauge("a", "x"), 1), std::invalid_argument) << "a label is missing";
  EXPECT_THROW(metrics.gauge(gauge("a"), {{"x", "1"}}, 1), std::invalid_argument) << "a label too many";
  EXPECT_THROW(metrics.gauge(gauge("a", "x"), {{"y", "1"}}, 1), std::invalid_argument) << "another label";
  EXPECT_THROW(metrics.gauge(gauge("a", "x"), {{"x", "1"}, {"x", "2"}}, 1), std::invalid_argument) << "twice";
  EXPECT_THROW(metrics.gauge(counter("a_total"), 1), std::invalid_argument) << "another type";
}

TEST(Exposition, RefusesNamesThatTheFormatForbids) {
  Exposition metrics{kPrometheus};

  EXPECT_THROW(metrics.gauge(gauge("b_total"), 1), std::invalid_argument);
  EXPECT_THROW(metrics.counter(counter("b"), 1), std::invalid_argument) << "a counter ends in _total";
  EXPECT_THROW(metrics.histogram(histogram("a_ms"), HistogramSnapshot{}), std::invalid_argument) << "seconds";
  EXPECT_THROW(metrics.gauge(gauge(""), 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge(gauge("1a"), 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge(gauge("a-b"), 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge(gauge("c", "a-b"), {{"a-b", "x"}}, 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge(gauge("d", "le"), {{"le", "x"}}, 1), std::invalid_argument);
  EXPECT_THROW(metrics.gauge(gauge("e", "__name"), {{"__name", "x"}}, 1), std::invalid_argument);
}

TEST(Exposition, NothingFedIsAnEmptyText) {
  EXPECT_EQ(Exposition{kPrometheus}.text(), "");
  EXPECT_EQ(Exposition{kOpenMetrics}.text(), "# EOF\n");
}

}  // namespace
}  // namespace nx::observe
