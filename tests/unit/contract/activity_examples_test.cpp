// The decoder against contracts/examples; tools/check_examples.py holds the schema against the same files.

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "contract/activity_message.hpp"

namespace nx::contract {
namespace {

const RecordMetadata kMetadata{.topic = "t", .partition = 0, .offset = 0, .timestamp = {}, .traceparent = {}};

struct Example {
  std::string name, text;
};

std::vector<Example> examples(const std::string& folder) {
  std::vector<Example> found;
  const std::filesystem::path root = SIGNAL_SOURCE_DIR;
  for (const auto& entry : std::filesystem::directory_iterator{root / "contracts" / "examples" / folder}) {
    std::ifstream file{entry.path(), std::ios::binary};
    found.push_back({entry.path().filename(), {std::istreambuf_iterator<char>{file}, {}}});
  }
  return found;
}

TEST(ActivityExamples, TheGoodOnesAreTaken) {
  const auto good = examples("good");
  EXPECT_GE(good.size(), 15U);
  for (const auto& [name, text] : good) {
    const auto activity = decode_activity(text, kMetadata);
    EXPECT_TRUE(activity) << name << ": " << activity.error().message;
  }
}

class ActivityExamplesBad : public ::testing::TestWithParam<const char*> {};

TEST_P(ActivityExamplesBad, AreRefusedAsInvalidWithAReason) {
  const auto bad = examples(GetParam());
  EXPECT_GE(bad.size(), 20U);
  for (const auto& [name, text] : bad) {
    const auto activity = decode_activity(text, kMetadata);
    ASSERT_FALSE(activity) << name;
    EXPECT_EQ(activity.error().kind, ErrorKind::invalid) << name;
    EXPECT_NE(activity.error().message.find(": "), std::string::npos) << name << ": " << activity.error().message;
    EXPECT_LT(activity.error().message.size(), 256U) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, ActivityExamplesBad, ::testing::Values("bad", "bad_beyond_schema"),
                         [](const auto& folder) { return std::string{folder.param}; });

}  // namespace
}  // namespace nx::contract
