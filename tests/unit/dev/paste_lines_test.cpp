#include "dev/paste_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::dev {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Addresses kAddresses{"http://127.0.0.1:3000", "ws://127.0.0.1:3000/stream", "127.0.0.1:39417",
                           "signal.activity-notification", "build/release/nx-signal"};

TEST(PasteLines, are_one_line_each) {
  for (const PasteLine& line : paste_lines(kAddresses))
    EXPECT_EQ(line.command.find('\n'), std::string::npos) << line.name;
}

TEST(PasteLines, carry_the_addresses_of_the_run) {
  const auto lines = paste_lines(kAddresses);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0].command,
              StartsWith("build/release/nx-signal listen --url ws://127.0.0.1:3000/stream --token \"$(curl "));
  EXPECT_THAT(lines[1].command, HasSubstr("notify --kafka-brokers 127.0.0.1:39417"));
  EXPECT_THAT(lines[2].command, HasSubstr("kcat -P -b 127.0.0.1:39417 -t signal.activity-notification"));
  EXPECT_THAT(lines[3].command, HasSubstr("http://127.0.0.1:3000/v1/notifications"));
}

TEST(PasteLines, a_path_with_a_space_is_quoted) {
  Addresses addresses = kAddresses;
  addresses.program = "/home/o'hara/my build/nx-signal";
  EXPECT_THAT(paste_lines(addresses)[0].command, StartsWith(R"('/home/o'\''hara/my build/nx-signal' listen)"));
}

TEST(PasteLines, the_certificate_of_a_development_run_is_not_checked) {
  Addresses addresses = kAddresses;
  addresses.http = "https://127.0.0.1:3000";
  addresses.stream = "wss://127.0.0.1:3000/stream";
  EXPECT_THAT(paste_lines(addresses)[0].command, HasSubstr("--insecure"));
  EXPECT_THAT(paste_lines(addresses)[3].command, HasSubstr("curl -sk"));
}

TEST(PasteLinesWelcomeText, begins_with_the_page_and_says_what_it_is_not_for) {
  const std::string text = welcome_text(kAddresses);
  EXPECT_THAT(text, StartsWith("Open http://127.0.0.1:3000/\n"));
  EXPECT_THAT(text, HasSubstr("NOT FOR PRODUCTION"));
  EXPECT_THAT(text, HasSubstr("127.0.0.1:39417"));
  for (const PasteLine& line : paste_lines(kAddresses)) EXPECT_THAT(text, HasSubstr(line.command));
}

}  // namespace
}  // namespace nx::dev
