#include "app/metrics_page.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "app/metric_table.hpp"

namespace nx::app {
namespace {

TEST(MetricsPage, TheDocsPageIsWhatTheCommandPrints) {
  std::ifstream file{SIGNAL_SOURCE_DIR "/docs/metrics.md"};
  const std::string page{std::istreambuf_iterator<char>{file}, {}};

  EXPECT_EQ(metrics_page(), page) << "make it anew: nx-signal metrics --doc > docs/metrics.md";
}

TEST(MetricsPage, EachNameIsThereOnceWithUnitAndMeaning) {
  std::set<std::string_view> names;
  for (const observe::MetricFamily& family : kMetricFamilies) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name;
    EXPECT_TRUE(family.name.starts_with("signal_")) << family.name;
    EXPECT_FALSE(family.unit.empty()) << family.name;
    EXPECT_TRUE(family.meaning.ends_with('.')) << family.name;
  }
}

TEST(MetricsPage, ANameThatEndsInAUnitHasThisUnit) {
  for (const observe::MetricFamily& family : kMetricFamilies) {
    for (const std::string_view unit : {"seconds", "bytes"}) {
      const bool is_named = family.name.ends_with(std::string{"_"} + std::string{unit}) ||
                            family.name.ends_with(std::string{"_"} + std::string{unit} + "_total");
      if (is_named) {
        EXPECT_EQ(family.unit, unit) << family.name;
      }
    }
  }
}

}  // namespace
}  // namespace nx::app
