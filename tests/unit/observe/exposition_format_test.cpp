#include "observe/exposition_format.hpp"

#include <gtest/gtest.h>

namespace nx::observe {
namespace {

constexpr auto kPrometheus = ExpositionFormat::prometheus;
constexpr auto kOpenMetrics = ExpositionFormat::open_metrics;

TEST(ExpositionFormat, WhoNamesNoFormatGetsPrometheusText) {
  EXPECT_EQ(format_for(""), kPrometheus);
  EXPECT_EQ(format_for("*/*"), kPrometheus);
  EXPECT_EQ(format_for("text/plain"), kPrometheus);
  EXPECT_EQ(format_for("application/*;q=0.9"), kPrometheus);
}

TEST(ExpositionFormat, WhoNamesOpenMetricsGetsIt) {
  EXPECT_EQ(format_for("application/openmetrics-text"), kOpenMetrics);
  EXPECT_EQ(format_for("application/openmetrics-text; version=1.0.0; charset=utf-8"), kOpenMetrics);
  EXPECT_EQ(format_for("text/html, application/openmetrics-text ;q=0.1"), kOpenMetrics);
}

TEST(ExpositionFormat, PrometheusGetsOpenMetrics) {
  EXPECT_EQ(format_for("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            kOpenMetrics)
      << "version 2";
  EXPECT_EQ(format_for("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                       "application/openmetrics-text;version=0.0.1;q=0.4,"
                       "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,"
                       "*/*;q=0.1"),
            kOpenMetrics)
      << "version 3";
}

TEST(ExpositionFormat, OpenMetricsThatIsPreferredLessOrNotWantedIsNotWritten) {
  EXPECT_EQ(format_for("application/openmetrics-text;q=0.2,text/plain;q=0.8"), kPrometheus);
  EXPECT_EQ(format_for("application/openmetrics-text;q=0"), kPrometheus);
  EXPECT_EQ(format_for("application/openmetrics-text;q=none"), kPrometheus);
}

TEST(ExpositionFormat, AVersionThatWeDoNotWriteIsPassedOver) {
  EXPECT_EQ(format_for("application/openmetrics-text;version=0.0.1"), kPrometheus);
  EXPECT_EQ(format_for("application/openmetrics-text;version=2.0.0,application/openmetrics-text;version=1.0.0;q=0.5"),
            kOpenMetrics);
}

TEST(ExpositionFormat, TheContentTypeNamesFormatAndVersion) {
  EXPECT_EQ(content_type(kPrometheus), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(content_type(kOpenMetrics), "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace
}  // namespace nx::observe
