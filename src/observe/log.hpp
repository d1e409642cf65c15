#pragma once
// Structured log lines: one event, its fields, one line on stderr. Any thread; callers never wait for the reader of
// stderr: a separate thread writes, and lines that do not fit into its queue are dropped, counted and reported.
// Level policy: error = an operator must act, records were lost, or the database is unavailable; warn = the program
// handles it; info = life cycle; debug = decisions; trace = per message. Never pass a token, key, plaintext, message
// body or a URL with userinfo or query.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace nx::observe {

class LineWriter;

enum class Level { trace, debug, info, warn, error };
enum class LogFormat { json, text };

/// A view: valid only during the logging call.
struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view{v}) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view{v}) {}
  Field(std::string_view n, double v) : name(n), value(v) {}
  template <class T>
    requires std::is_integral_v<T>
  Field(std::string_view n, T v) : name(n) {
    if constexpr (std::is_same_v<T, bool>) {
      value = v;
    } else {
      value = static_cast<std::int64_t>(v);
    }
  }
};

class Logger {
 public:
  struct Options {
    Level level = Level::info;
    LogFormat format = LogFormat::json;
    int fd = 2;                          // borrowed; negative: nothing is written
    std::size_t max_queued = 1U << 20U;  // bytes queued for the reader
  };

  explicit Logger(Options options);
  /// Waits at most a second for queued lines.
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  bool enabled(Level level) const { return level >= options_.level; }
  void write(Level level, std::string_view event, std::initializer_list<Field> fields) const;

  void debug(std::string_view event, std::initializer_list<Field> fields = {}) const {
    write(Level::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<Field> fields = {}) const {
    write(Level::info, event, fields);
  }
  void warn(std::string_view event, std::initializer_list<Field> fields = {}) const {
    write(Level::warn, event, fields);
  }
  void error(std::string_view event, std::initializer_list<Field> fields = {}) const {
    write(Level::error, event, fields);
  }

  /// Records the use of an operator's rights: written at every level.
  void audit(std::string_view event, std::initializer_list<Field> fields) const;

  /// Writes a sentence for the user who started the program, unchanged and at every level, in order with the other
  /// lines.
  void print(std::string_view sentence) const;
  /// Waits until all lines so far are written; false when that took longer. For code that ends the process, and for
  /// tests.
  bool flush(std::chrono::milliseconds within) const;
  /// Lines that were lost.
  std::uint64_t dropped() const;

 private:
  Options options_;
  std::unique_ptr<LineWriter> writer_;  // null: nothing is written
};

/// At most one line a second for one cause: `if (gate.pass(skipped)) log.warn("…", {{"suppressed", skipped}})`. Any
/// thread.
class LogGate {
 public:
  /// True when a line may be written now; `suppressed` is then the number of lines omitted since the last one.
  bool pass(std::int64_t& suppressed);

 private:
  std::atomic<std::int64_t> next_ms_{0};
  std::atomic<std::int64_t> suppressed_{0};
};

}  // namespace nx::observe
