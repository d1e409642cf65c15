#include "app/command_line.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/dev_defaults.hpp"
#include "config/configuration.hpp"

namespace nx::app {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

Parsed parsed(std::vector<std::string> words) {
  words.insert(words.begin(), "nx-signal");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

std::string complaint(std::vector<std::string> words) {
  testing::internal::CaptureStderr();
  const Parsed result = parsed(std::move(words));
  EXPECT_FALSE(result.line);
  EXPECT_EQ(result.exit_code, 2);
  return testing::internal::GetCapturedStderr();
}

TEST(CommandLine, NamesTheWordThatItDoesNotUnderstand) {
  EXPECT_EQ(complaint({"nope"}), "nx-signal: not understood: 'nope'; see nx-signal --help\n");
  EXPECT_EQ(complaint({"serve", "extra"}), "nx-signal: not understood: 'extra'; see nx-signal --help\n");
  EXPECT_EQ(complaint({"emit", "planet"}), "nx-signal: not understood: 'planet'; see nx-signal --help\n");
  EXPECT_EQ(complaint({"sevre"}), "nx-signal: not understood: 'sevre' (did you mean serve?); see nx-signal --help\n");
}

TEST(CommandLine, TheHelpOfDevShowsTheDefaultsOfDev) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(parsed({"dev", "--help"}).exit_code, 0);
  const std::string help = testing::internal::GetCapturedStdout();
  for (const config::Key& key : config::keys()) {
    const auto own = dev_defaults().find(key.variable);
    if (own == dev_defaults().end()) continue;
    const std::size_t begin = help.find("--" + config::flag_of(key) + " ");
    ASSERT_NE(begin, std::string::npos) << key.variable;
    const std::string line = help.substr(begin, help.find('\n', begin) - begin);
    const std::string end = key.meaning + (own->second.empty() ? "" : fmt::format(" [{}]", own->second));
    EXPECT_THAT(line, EndsWith(end));
  }
}

TEST(CommandLine, ShowsNoValueOfAFlagThatItDoesNotKnow) {
  for (const auto& words : {std::vector<std::string>{"serve", "--redis-password=hunter2"},
                            std::vector<std::string>{"serve", "--redis-password", "hunter2"},
                            std::vector<std::string>{"serve", "redis://u:hunter2@h"}}) {
    EXPECT_EQ(complaint(words).find("hunter2"), std::string::npos);
  }
  EXPECT_NE(complaint({"serve", "--redis-password", "hunter2"}).find(" --redis-password;"), std::string::npos);
}

TEST(CommandLine, ContinuesOnlyWorkThatGoesThroughAllUsers) {
  EXPECT_EQ(parsed({"migrate", "--recount", "--continue-at", "1200"}).line->migrate.continue_at, 1'200);
  EXPECT_EQ(parsed({"check", "--deep", "--continue-at", "7"}).line->check.continue_at, 7);
  EXPECT_EQ(parsed({"check", "--deep"}).line->check.continue_at, 0);
  for (const auto& words : {std::vector<std::string>{"migrate", "--continue-at", "1"},
                            std::vector<std::string>{"check", "--continue-at", "1"},
                            std::vector<std::string>{"check", "--deep", "--continue-at", "-1"}}) {
    EXPECT_NE(complaint(words).find("--continue-at"), std::string::npos);
  }
}

TEST(CommandLineReplay, TakesOneOfThreeOriginsAndWhatBelongsToIt) {
  const auto letter = parsed({"replay", "--from", "dlq", "--partition", "2", "--offset", "7", "--value", "-"});
  ASSERT_TRUE(letter.line && letter.line->command == Command::replay);
  EXPECT_EQ(letter.line->replay.partition, 2);
  EXPECT_EQ(letter.line->replay.offset, 7);
  EXPECT_EQ(letter.line->replay.value, "-");
  const auto range = parsed({"replay", "--from", "offset", "3:1..9", "--dry-run", "--kafka-brokers", "b"});
  ASSERT_TRUE(range.line);
  EXPECT_EQ(range.line->replay.range, "3:1..9");
  EXPECT_TRUE(range.line->replay.dry_run);
  EXPECT_EQ(range.line->settings.at("kafka-brokers"), "b");
}

TEST(CommandLineReplay, IsBadUsageWhereItMeansNothing) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"replay"},
           {"replay", "--from", "disk"},
           {"replay", "--from", "dlq", "--partition", "2"},
           {"replay", "--from", "dlq", "--offset", "2"},
           {"replay", "--from", "dlq", "--value", "f"},
           {"replay", "--from", "dlq", "--partition", "0", "--offset", "-1"},
           {"replay", "--from", "dlq", "--partition", "0", "--offset", "1", "--since", "2026-11-30"}}) {
    EXPECT_NE(complaint(words).find("nx-signal: "), std::string::npos);
  }
}

EmitFlags emit(std::vector<std::string> words) {
  words.insert(words.begin(), "emit");
  const Parsed result = parsed(std::move(words));
  EXPECT_TRUE(result.line && result.line->command == Command::emit);
  return result.line ? result.line->emit : EmitFlags();
}

TEST(CommandLineEmit, TakesATargetAnEventAndData) {
  const EmitFlags flags = emit({"user", "u1", "till/opened", "[1,2]"});

  EXPECT_EQ(flags.to, EmitFlags::To::user);
  EXPECT_EQ(flags.target, "u1");
  EXPECT_EQ(flags.event, "till/opened");
  EXPECT_EQ(flags.data, "[1,2]");
  EXPECT_FALSE(flags.number || flags.exclude);
  EXPECT_EQ(emit({"client", "c", "e", "-"}).data, "-");
  EXPECT_EQ(emit({"client", "c", "e"}).data, std::nullopt);
  EXPECT_EQ(emit({"client", "c", "e"}).to, EmitFlags::To::client);
}

TEST(CommandLineEmit, TakesNoTargetForABroadcast) {
  const EmitFlags flags = emit({"broadcast", "e", "{}"});

  EXPECT_EQ(flags.to, EmitFlags::To::everyone);
  EXPECT_EQ(flags.target + "|" + flags.event + "|" + flags.data.value_or(""), "|e|{}");
}

TEST(CommandLineEmit, TakesEachExcludedIdAloneWhereverItStands) {
  EXPECT_THAT(*emit({"room", "--exclude", "c1", "r", "e", "--exclude", "[c2]"}).exclude, ElementsAre("c1", "[c2]"));
  EXPECT_EQ(emit({"room", "--exclude", "c1", "r", "e"}).event, "e");
}

TEST(CommandLineEmit, TakesNumericIdsAndSettings) {
  EXPECT_TRUE(emit({"user", "-7", "e", "--number"}).number);
  EXPECT_EQ(parsed({"emit", "user", "u", "e", "--redis-url", "redis://h"}).line->settings.at("redis-url"), "redis://h");
}

TEST(CommandLineEmit, IsBadUsageWhereItMeansNothing) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"emit"},
                                                                 {"emit", "user", "u"},
                                                                 {"emit", "broadcast"},
                                                                 {"emit", "user", "u", "e", "1", "2"},
                                                                 {"emit", "room", "r", "e", "--number"},
                                                                 {"emit", "client", "c", "e", "--number"},
                                                                 {"emit", "broadcast", "e", "--exclude", "c"},
                                                                 {"emit", "user", "u", "e", "--kafka-brokers", "b"}}) {
    const Parsed result = parsed(words);
    EXPECT_FALSE(result.line.has_value());
    EXPECT_EQ(result.exit_code, 2);
  }
}

}  // namespace
}  // namespace nx::app
