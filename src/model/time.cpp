#include "model/time.hpp"

#include <chrono>
#include <cstdio>

namespace nx {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool digits(int count, int& out) {
    if (rest_.size() < static_cast<std::size_t>(count)) return false;
    out = 0;
    for (int i = 0; i < count; ++i) {
      const char c = rest_[static_cast<std::size_t>(i)];
      if (c < '0' || c > '9') return false;
      out = out * 10 + (c - '0');
    }
    rest_.remove_prefix(static_cast<std::size_t>(count));
    return true;
  }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool digit(int& out) { return digits(1, out); }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace

EpochMs now_wall() {
  using namespace std::chrono;
  return EpochMs{duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

std::string iso8601(EpochMs time) {
  using namespace std::chrono;
  const sys_time<milliseconds> point{milliseconds{time.value}};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> clock{point - day};
  char text[40];
  const int length =
      std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text, static_cast<std::size_t>(length)};
}

std::optional<EpochMs> parse_iso8601(std::string_view text) {
  using namespace std::chrono;
  Scanner scan(text);
  int y = 0;
  int m = 0;
  int d = 0;
  if (!scan.digits(4, y) || !scan.literal('-') || !scan.digits(2, m) || !scan.literal('-') || !scan.digits(2, d))
    return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight = duration_cast<milliseconds>(sys_days{date}.time_since_epoch()).count();
  if (scan.done()) return EpochMs{midnight};

  int hour = 0;
  int minute = 0;
  int second = 0;
  int ms = 0;
  if (!scan.literal('T') && !scan.literal('t') && !scan.literal(' ')) return std::nullopt;
  if (!scan.digits(2, hour) || !scan.literal(':') || !scan.digits(2, minute)) return std::nullopt;
  if (scan.literal(':')) {
    if (!scan.digits(2, second)) return std::nullopt;
    if (scan.literal('.')) {
      int digit = 0;
      int seen = 0;
      for (int scale = 100; scan.digit(digit); scale /= 10, ++seen) ms += digit * scale;
      if (seen == 0) return std::nullopt;
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;

  int offset_minutes = 0;
  if (!scan.literal('Z') && !scan.literal('z')) {
    const int sign = scan.literal('+') ? 1 : scan.literal('-') ? -1 : 0;
    int zone_hour = 0;
    int zone_minute = 0;
    if (sign == 0 || !scan.digits(2, zone_hour)) return std::nullopt;
    static_cast<void>(scan.literal(':'));
    if (!scan.digits(2, zone_minute) || zone_hour > 23 || zone_minute > 59) return std::nullopt;
    offset_minutes = sign * (zone_hour * 60 + zone_minute);
  }
  if (!scan.done()) return std::nullopt;
  return EpochMs{midnight + ((hour * 60LL + minute - offset_minutes) * 60 + second) * 1000 + ms};
}

}  // namespace nx
