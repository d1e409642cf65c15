#include "app/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Form = Progress::Output::Form;

const Progress::Clock::time_point kBegin{1'000s};

struct Screen {
  std::vector<std::string> written;
  int columns = 100;
  Progress::Output output(Form form) {
    return {.form = form,
            .columns = [this] { return columns; },
            .write = [this](std::string text) { written.push_back(std::move(text)); }};
  }
};

TEST(Progress, ABarHasShareCountRateAndTimeLeftAndGoesAtTheEnd) {
  Screen screen;
  {
    Progress progress("counters", "users", screen.output(Form::bar), kBegin);
    progress.show({.done = 1'234'567, .share = 0.25, .position = 9}, kBegin + 100s);
  }
  EXPECT_THAT(screen.written,
              ElementsAre("\r\x1b[Kcounters  [#####---------------]  25 %, 1,234,567 users, 12,346/s, 5 min 0 s left",
                          "\r\x1b[K"));
}

TEST(Progress, ABarIsDrawnTenTimesASecondAtMost) {
  Screen screen;
  Progress progress("counters", "users", screen.output(Form::bar), kBegin);
  for (int ms = 0; ms < 1'000; ++ms) progress.show({.done = ms, .share = 0.5}, kBegin + std::chrono::milliseconds(ms));
  EXPECT_EQ(screen.written.size(), 10U);
}

TEST(Progress, ABarIsNeverWiderThanTheTerminal) {
  Screen screen;
  screen.columns = 30;
  Progress progress("counters", "users", screen.output(Form::bar), kBegin);
  progress.show({.done = 5, .share = 0.5}, kBegin + 10s);
  EXPECT_EQ(screen.written.at(0), "\r\x1b[Kcounters  [##########-------");
}

TEST(Progress, ElsewhereALineIsWrittenEveryFiveSecondsAndNoneOfShortWork) {
  Screen screen;
  {
    Progress progress("counters", "users", screen.output(Form::lines), kBegin);
    progress.show({.done = 10, .share = 0.1}, kBegin + 4'999ms);
    EXPECT_THAT(screen.written, IsEmpty());
    progress.show({.done = 20, .share = 0.2}, kBegin + 5s);
    progress.show({.done = 30, .share = 0.3}, kBegin + 9s);
    progress.show({.done = 39, .share = 0.002}, kBegin + 12s);
  }
  EXPECT_THAT(screen.written, ElementsAre("counters: 20 %, 20 users, 4.0/s, 20 s left\n",
                                          "counters: 0 %, 39 users, 3.3/s, 1 h 39 min left\n"));
}

TEST(Progress, SaysWhatASliceWaitsForInPlaceOfTheTimeLeft) {
  Screen screen;
  Progress progress("tables", "steps", screen.output(Form::lines), kBegin);
  progress.show({.done = 2, .share = 0.4, .waits_for = "a table is in use"}, kBegin + 10s);
  EXPECT_THAT(screen.written, ElementsAre("tables: 40 %, 2 steps, 0.2/s; waits: a table is in use\n"));
}

}  // namespace
}  // namespace nx::app
