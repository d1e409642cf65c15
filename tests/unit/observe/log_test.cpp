#include "observe/log.hpp"

#include <array>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace nx::observe {
namespace {

/// What one event looks like on the descriptor, without its time and its line feed.
std::string line_of(LogFormat format, std::string_view value) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  {
    const Logger log({.level = Level::info, .format = format, .fd = ends[1]});
    log.debug("below the level");
    log.warn("peer said", {{"text", value}, {"bytes", value.size()}, {"ratio", 0.5}, {"known", false}});
  }
  ::close(ends[1]);
  std::string read(4'096, '\0');
  read.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], read.data(), read.size()), 0)));
  ::close(ends[0]);
  EXPECT_EQ(read.find('\n'), read.size() - 1);
  const auto begin = read.find(format == LogFormat::json ? ",\"level\"" : " warn");
  return read.substr(begin + 1, read.size() - begin - 2);
}

TEST(Log, IsOneJsonObjectALine) {
  EXPECT_EQ(line_of(LogFormat::json, "plain"),
            R"("level":"warn","event":"peer said","text":"plain","bytes":5,"ratio":0.5,"known":false})");
}

TEST(Log, QuotesInTextOnlyWhatNeedsIt) {
  EXPECT_EQ(line_of(LogFormat::text, "plain"), "warn peer said text=plain bytes=5 ratio=0.5 known=false");
  EXPECT_EQ(line_of(LogFormat::text, "a=\"b\""), R"(warn peer said text="a=\"b\"" bytes=5 ratio=0.5 known=false)");
  EXPECT_EQ(line_of(LogFormat::text, ""), R"(warn peer said text="" bytes=0 ratio=0.5 known=false)");
}

TEST(Log, KeepsALineOneLineAndItsTextUtf8) {
  for (const LogFormat format : {LogFormat::json, LogFormat::text}) {
    const std::string line = line_of(format, "a\nb\x7f \xC3\xA9\xF0\x9F\x98\x80 \xC3( \xFF\xE2\x82");
    EXPECT_NE(
        line.find("\"a\\u000ab\\u007f \xC3\xA9\xF0\x9F\x98\x80 \xEF\xBF\xBD( \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""),
        std::string::npos)
        << line;
  }
}

}  // namespace
}  // namespace nx::observe
