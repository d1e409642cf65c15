#include "app/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <unistd.h>

#include <sys/ioctl.h>

#include "observe/line_writer.hpp"

namespace nx::app {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kDrawEvery{100};
constexpr seconds kLineEvery{5};
constexpr int kUsualColumns = 80;
constexpr std::size_t kBarCells = 20;
constexpr std::string_view kBackToStart = "\r\x1b[K";  // column 1, and what follows is erased

/// 1234567 → "1,234,567".
std::string grouped(std::int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) text += ',';
    text += digits[at];
  }
  return text;
}

std::string rate_text(double per_second) {
  if (per_second >= 10) return grouped(std::llround(per_second)) + "/s";
  const auto tenths = std::llround(per_second * 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "/s";
}

/// In two units at most: "2 h 5 min", "3 min 20 s", "12 s".
std::string duration_text(std::int64_t whole_seconds) {
  constexpr std::int64_t kMinute = 60, kHour = 3'600;
  const std::int64_t hours = whole_seconds / kHour, minutes = whole_seconds % kHour / kMinute;
  if (hours > 0) return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
  const std::string rest = std::to_string(whole_seconds % kMinute) + " s";
  return minutes > 0 ? std::to_string(minutes) + " min " + rest : rest;
}

double bounded_share(const store::Slice& slice) {
  return std::clamp(slice.share, 0.0, 1.0);
}

}  // namespace

Progress::Output Progress::standard_error() {
  Output output;
  const char* kind = std::getenv("TERM");
  const bool draws = isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
  output.form = draws ? Output::Form::bar : Output::Form::lines;
  output.columns = [] {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? static_cast<int>(size.ws_col) : kUsualColumns;
  };
  output.write = [writer = std::make_shared<observe::LineWriter>(observe::LineWriter::Options{.fd = STDERR_FILENO})](
                     std::string text) { writer->add(std::move(text)); };
  return output;
}

Progress::Progress(std::string what, std::string unit, Output output, Clock::time_point now)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      output_(std::move(output)),
      began_(now),
      next_(output_.form == Output::Form::bar ? now : now + kLineEvery) {}

Progress::~Progress() {
  if (drawn_) output_.write(std::string(kBackToStart));
}

void Progress::show(const store::Slice& slice, Clock::time_point now) {
  if (now < next_) return;
  const bool draws = output_.form == Output::Form::bar;
  next_ = now + (draws ? Clock::duration(kDrawEvery) : Clock::duration(kLineEvery));
  output_.write(draws ? bar(slice, now - began_) : line(slice, now - began_));
  drawn_ = draws;
}

/// Never wider than the terminal, because a line that wraps cannot be drawn again in place.
std::string Progress::bar(const store::Slice& slice, Clock::duration elapsed) const {
  const auto filled = static_cast<std::size_t>(bounded_share(slice) * static_cast<double>(kBarCells));
  std::string text =
      what_ + "  [" + std::string(filled, '#') + std::string(kBarCells - filled, '-') + "]  " + figures(slice, elapsed);
  text.resize(std::min(text.size(), static_cast<std::size_t>(std::max(1, output_.columns() - 1))));
  return std::string(kBackToStart) + text;
}

std::string Progress::line(const store::Slice& slice, Clock::duration elapsed) const {
  return what_ + ": " + figures(slice, elapsed) + "\n";
}

std::string Progress::figures(const store::Slice& slice, Clock::duration elapsed) const {
  const double share = bounded_share(slice);
  const double passed = std::max(duration<double>(elapsed).count(), 0.001);
  std::string text = std::to_string(static_cast<int>(share * 100)) + " %, " + grouped(slice.done) + " " + unit_ + ", " +
                     rate_text(static_cast<double>(slice.done) / passed);
  if (!slice.waits_for.empty()) return text + "; waits: " + std::string(slice.waits_for);
  if (share > 0) text += ", " + duration_text(std::llround(passed * (1 - share) / share)) + " left";
  return text;
}

}  // namespace nx::app
