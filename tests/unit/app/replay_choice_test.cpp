#include "app/replay_choice.hpp"

#include <gtest/gtest.h>

namespace nx::app {
namespace {

std::string wrong(const ReplayFlags& flags) {
  const auto choice = read_choice(flags);
  return choice ? "nothing" : choice.error().message;
}

TEST(ReplayChoice, ADeadLetterIsChosenByPartitionAndOffset) {
  ReplayFlags flags;
  flags.from = "dlq";
  EXPECT_FALSE(read_choice(flags)->offsets) << "all of them";
  flags.partition = 2;
  flags.offset = 7;

  const auto choice = read_choice(flags);

  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->from, replay::From::dlq);
  EXPECT_EQ(choice->offsets->partition, 2);
  EXPECT_EQ(choice->offsets->last, 7);
}

TEST(ReplayChoice, FlagsThatDoNotBelongTogetherAreNamed) {
  ReplayFlags flags;
  flags.from = "dlq";
  flags.range = "1:2";
  EXPECT_NE(wrong(flags).find("'1:2'"), std::string::npos);
  flags.from = "offset";
  flags.since = "2026-11-30";
  EXPECT_NE(wrong(flags).find("--since"), std::string::npos);
  flags.since.clear();
  flags.continue_at = "7";
  EXPECT_NE(wrong(flags).find("--continue-at '7'"), std::string::npos);
  flags.range.clear();
  EXPECT_NE(wrong(flags).find("'' is not a range of offsets"), std::string::npos);
  flags.from = "time";
  EXPECT_NE(wrong(flags).find("'' is not a time"), std::string::npos);
}

TEST(ReplayChoice, AContinuationHasTheFlagsOfTheStoppedCommand) {
  ReplayFlags flags;
  flags.from = "time";
  flags.range = "2026-11-30..2026-12-01";
  flags.dry_run = true;
  EXPECT_EQ(continuation_flags(flags, {3, 41}), "--from time 2026-11-30..2026-12-01 --dry-run --continue-at 3:41");
  ReplayFlags letters;
  letters.from = "dlq";
  letters.since = "2026-11-30";
  EXPECT_EQ(continuation_flags(letters, {0, 0}), "--from dlq --since 2026-11-30 --continue-at 0:0");
}

}  // namespace
}  // namespace nx::app
