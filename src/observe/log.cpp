#include "observe/log.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "model/time.hpp"
#include "model/utf8.hpp"
#include "observe/line_writer.hpp"

namespace nx::observe {
namespace {

constexpr const char* name_of(Level level) {
  switch (level) {
    case Level::trace:
      return "trace";
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "";
}

// Control characters are escaped, so that one event is always one line. Bytes that are not UTF-8 become U+FFFD, so that
// the line is valid JSON (RFC 8259 §8.1) whatever a peer has sent.
void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t size = utf8_character(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (size == 0) {
      out.append("\uFFFD");
    } else if (text.front() == '"' || text.front() == '\\') {
      out.push_back('\\');
      out.push_back(text.front());
    } else if (byte < 0x20 || byte == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out.append(escaped);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  out.push_back('"');
}

bool needs_quotes(std::string_view text) {
  if (text.empty() || !is_utf8(text)) return true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '"' || c == '=' || c == '\\') return true;
  }
  return false;
}

void append_value(std::string& out, const Field& field, LogFormat format) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    if (format == LogFormat::json || needs_quotes(*text)) {
      append_quoted(out, *text);
    } else {
      out.append(*text);
    }
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
    out.append(std::to_string(*integer));
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.6g", *real);
    out.append(digits);
  } else {
    out.append(std::get<bool>(field.value) ? "true" : "false");
  }
}

std::string line_of(LogFormat format, Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line;
  line.reserve(256);
  if (format == LogFormat::json) {
    line.append("{\"time\":\"")
        .append(iso8601(now_wall()))
        .append("\",\"level\":\"")
        .append(name_of(level))
        .append("\",\"event\":");
    append_quoted(line, event);
    for (const Field& field : fields) {
      line.push_back(',');
      append_quoted(line, field.name);
      line.push_back(':');
      append_value(line, field, format);
    }
    line.append("}\n");
  } else {
    line.append(iso8601(now_wall())).append(" ").append(name_of(level)).append(" ").append(event);
    for (const Field& field : fields) {
      line.append(" ").append(field.name).append("=");
      append_value(line, field, format);
    }
    line.push_back('\n');
  }
  return line;
}

std::unique_ptr<LineWriter> writer_for(const Logger::Options& options) {
  if (options.fd < 0) return nullptr;
  return std::make_unique<LineWriter>(LineWriter::Options{
      .fd = options.fd,
      .max_bytes = options.max_queued,
      .dropped_line = [format = options.format](std::uint64_t lines) {
        return line_of(format, Level::warn, "log lines dropped: nobody read them in time", {{"lines", lines}});
      }});
}

}  // namespace

Logger::Logger(Options options) : options_(options), writer_(writer_for(options)) {}

Logger::~Logger() = default;

void Logger::write(Level level, std::string_view event, std::initializer_list<Field> fields) const {
  if (enabled(level) && writer_) writer_->add(line_of(options_.format, level, event, fields));
}

void Logger::audit(std::string_view event, std::initializer_list<Field> fields) const {
  if (writer_) writer_->add(line_of(options_.format, Level::info, event, fields));
}

void Logger::print(std::string_view sentence) const {
  if (writer_) writer_->add(std::string(sentence) + "\n");
}

bool Logger::flush(std::chrono::milliseconds within) const {
  return !writer_ || writer_->flush(within);
}

std::uint64_t Logger::dropped() const {
  return writer_ ? writer_->dropped() : 0;
}

bool LogGate::pass(std::int64_t& suppressed) {
  // Not the wall clock: if it were set back, the gate would stay closed for that long.
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  std::int64_t next = next_ms_.load(std::memory_order_relaxed);
  if (now < next || !next_ms_.compare_exchange_strong(next, now + 1000, std::memory_order_relaxed)) {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  suppressed = suppressed_.exchange(0, std::memory_order_relaxed);
  return true;
}

}  // namespace nx::observe
