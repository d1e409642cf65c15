// The manual and the completions come from the parser itself: what it takes is in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/command_line.hpp"
#include "app/completion.hpp"
#include "app/manual.hpp"
#include "config/configuration.hpp"

namespace nx::app {
namespace {

using testing::HasSubstr;

std::string printed_by(std::vector<std::string> words) {
  words.insert(words.begin(), "nx-signal");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  const Parsed result = parse_command_line(static_cast<int>(argv.size()), argv.data());
  EXPECT_FALSE(result.line);
  EXPECT_EQ(result.exit_code, 0);
  return testing::internal::GetCapturedStdout();
}

TEST(CommandDocumentsManual, HasEveryCommandAndFlagOfTheParser) {
  const std::string page = printed_by({"man", "nx-signal"});
  for (const char* text :
       {".TH NX-SIGNAL 1", ".SS \\fBnx\\-signal serve\\fR",
        ".SS \\fBnx\\-signal emit room\\fR \\fINAME\\fR \\fIEVENT\\fR [\\fIDATA\\fR]", "\\fB\\-\\-recount\\fR",
        "\\fB\\-\\-exclude\\fR \\fIVALUE\\fR", "completion", ".SH EXIT STATUS"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
}

TEST(CommandDocumentsManual, HasEverySettingAndNoFlagOfASecret) {
  const std::string page = printed_by({"man", "nx-signal.env"});
  for (const config::Key& key : config::keys())
    EXPECT_THAT(page, HasSubstr("\\fB" + std::string(key.variable) + "\\fR"));
  EXPECT_THAT(page, HasSubstr("\\fBSIGNAL_HTTP_PORT\\fR, \\fB\\-\\-http\\-port\\fR\n"));
  EXPECT_THAT(page, HasSubstr("\\fBSIGNAL_KAFKA_SASL_PASSWORD\\fR\n"));
}

TEST(CommandDocumentsManual, HidesTheControlCharactersOfRoff) {
  const CommandDescription program{
      .name = "p", .meaning = ".starts with a dot, has a \\ and a -", .flags = {}, .commands = {}};
  const CommandDescription whole{.name = "w", .meaning = "", .flags = {}, .commands = {program}};
  EXPECT_THAT(commands_page(whole), HasSubstr("\n\\&.starts with a dot, has a \\e and a \\-.\n"));
}

TEST(CommandDocumentsCompletion, OfEachShellHasCommandsFlagsAndTheValuesOfChoices) {
  EXPECT_THAT(printed_by({"completion", "bash"}),
              HasSubstr("'serve --log-level') words='trace debug info warn error'"));
  EXPECT_THAT(printed_by({"completion", "zsh"}),
              HasSubstr("'*--log-level[lowest level that is written \\[info\\]]:value:(trace debug info warn error)'"));
  EXPECT_THAT(printed_by({"completion", "fish"}),
              HasSubstr("complete -c nx-signal -n '__fish_seen_subcommand_from serve' -l log-level -r -f -a 'trace "
                        "debug info warn error'"));
  for (const char* shell : {"bash", "zsh", "fish"})
    EXPECT_THAT(printed_by({"completion", shell}), HasSubstr("broadcast"));
}

TEST(CommandDocumentsCompletion, QuotesWhatAShellWouldRead) {
  const FlagDescription flag{.names = {"--it"},
                             .argument = "",
                             .meaning = "it's [a]: $(x)",
                             .group = "",
                             .variable = "",
                             .choices = {},
                             .required = false};
  const CommandDescription program{.name = "p", .meaning = "", .flags = {flag}, .commands = {}};
  EXPECT_THAT(*completion_of("zsh", program), HasSubstr("'*--it[it'\\''s \\[a\\]\\: $(x)]'"));
  EXPECT_THAT(*completion_of("fish", program), HasSubstr(" -d 'it\\'s [a]: $(x)'"));
  EXPECT_EQ(completion_of("tcsh", program), std::nullopt);
}

TEST(CommandDocumentsCommandLine, PrintsTheDocumentsThatItKnowsOnly) {
  for (const auto& words : {std::vector<std::string>{"man", "ls"}, std::vector<std::string>{"completion", "tcsh"}}) {
    std::vector<std::string> line = words;
    line.insert(line.begin(), "nx-signal");
    std::vector<char*> argv;
    for (std::string& word : line) argv.push_back(word.data());
    testing::internal::CaptureStderr();
    EXPECT_EQ(parse_command_line(static_cast<int>(argv.size()), argv.data()).exit_code, 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr(words.back()));
  }
}

}  // namespace
}  // namespace nx::app
