#include "bus/instances.hpp"

#include <gtest/gtest.h>

namespace nx::bus {
namespace {

const observe::Logger kQuiet{{.level = observe::Level::error, .fd = -1}};

std::string announcement(const std::string& id) {
  return R"({"id":")" + id + R"(","address":"h:1","started":1})";
}

TEST(Instances, CountsWhoAnnouncesItselfAndForgetsWhoDoesNotAnyMore) {
  Instances instances("a", 1, kQuiet);
  const auto now = std::chrono::steady_clock::now();
  instances.receive(announcement("a"), now);
  instances.receive(announcement("b"), now);
  EXPECT_EQ(instances.count(), 2U);
  instances.forget(now + Instances::kForgotten + std::chrono::milliseconds{1}, false);
  EXPECT_EQ(instances.count(), 1U);
}

TEST(Instances, SaysWhoIsNew) {
  Instances instances("a", 1, kQuiet);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_FALSE(instances.receive(announcement("a"), now)) << "ourselves";
  EXPECT_TRUE(instances.receive(announcement("b"), now));
  EXPECT_FALSE(instances.receive(announcement("b"), now));
  EXPECT_FALSE(instances.receive("x", now));
  instances.forget(now + Instances::kForgotten + std::chrono::milliseconds{1}, false);
  EXPECT_TRUE(instances.receive(announcement("b"), now));
}

TEST(Instances, ForgetsAtOnceWhoSaysThatItEnds) {
  Instances instances("a", 1, kQuiet);
  Instances other("b", 1, kQuiet);
  EXPECT_EQ(other.farewell(), "") << "it announced nothing";
  other.announce_as("h:1");
  const auto now = std::chrono::steady_clock::now();
  instances.receive(other.announcement(), now);
  instances.receive(announcement("c"), now);
  EXPECT_EQ(instances.others().size(), 2U);
  instances.receive(other.farewell(), now);
  EXPECT_EQ(instances.others(), std::vector<std::string>{"c"});
  EXPECT_EQ(instances.count(), 2U);
  instances.receive(other.farewell(), now);
  EXPECT_EQ(instances.count(), 2U);
}

TEST(Instances, AfterTheLinkWasDownEverybodyHasTheTimeAgainToBeHeard) {
  Instances instances("a", 1, kQuiet);
  const auto now = std::chrono::steady_clock::now();
  instances.receive(announcement("b"), now);
  instances.receive(announcement("c"), now);
  EXPECT_TRUE(instances.all_back());
  const auto later = now + std::chrono::minutes{1};
  instances.link_was_down(later);
  instances.forget(later, false);
  EXPECT_EQ(instances.count(), 3U);
  EXPECT_FALSE(instances.all_back());
  instances.receive(announcement("b"), later);
  EXPECT_FALSE(instances.all_back());
  instances.receive(announcement("c"), later);
  EXPECT_TRUE(instances.all_back());
}

TEST(Instances, WhileTheLinkIsDownNobodyIsCountedForLongAndNobodyIsGivenUp) {
  Instances instances("a", 1, kQuiet);
  const auto now = std::chrono::steady_clock::now();
  instances.receive(announcement("b"), now);
  const auto later = now + Instances::kForgotten + std::chrono::milliseconds{1};
  instances.forget(later, true);
  EXPECT_EQ(instances.count(), 1U);
  instances.link_was_down(later);
  instances.forget(later, false);
  EXPECT_EQ(instances.count(), 2U);
  EXPECT_FALSE(instances.all_back());
}

TEST(Instances, WhatIsNoAnnouncementOrFarTooLongIsIgnored) {
  Instances instances("a", 1, kQuiet);
  for (const std::string& text : {std::string("{"), std::string("[]"), std::string(R"({"id":"b"})"),
                                  std::string(R"({"id":1,"started":1})"), announcement(std::string(2'000, 'b'))}) {
    instances.receive(text, std::chrono::steady_clock::now());
  }
  EXPECT_EQ(instances.count(), 1U);
}

}  // namespace
}  // namespace nx::bus
