#include "observe/exposition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace nx::observe {
namespace {

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[noreturn]] void refuse(std::string_view what, std::string_view name) {
  throw std::invalid_argument(std::string{"metric "} + std::string{name} + ": " + std::string{what});
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`; colons are reserved for recording rules, so we refuse them.
void check_name(std::string_view name) {
  const bool good = !name.empty() && is_letter(name.front()) &&
                    std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
  if (!good) refuse("not a valid name of a metric or label", name);
}

/// In the value of a label `\`, `"` and the line feed are escaped, in a help text `\` and the line feed.
void append_escaped(std::string& out, std::string_view text, std::string_view escaped) {
  for (const char c : text) {
    if (escaped.find(c) == std::string_view::npos) {
      out.push_back(c);
    } else {
      out.push_back('\\');
      out.push_back(c == '\n' ? 'n' : c);
    }
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out.append("NaN");
  } else if (std::isinf(value)) {
    out.append(value > 0 ? "+Inf" : "-Inf");
  } else {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
  }
}

double seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string inner_text(Exposition::Labels labels) {
  std::string text;
  for (const Label& label : labels) {
    if (!text.empty()) text.push_back(',');
    text.append(label.name).append("=\"");
    append_escaped(text, label.value, "\\\"\n");
    text.push_back('"');
  }
  return text;
}

void append_series(std::string& out, std::string_view name, std::string_view suffix, std::string_view inner) {
  out.append(name).append(suffix);
  if (!inner.empty()) out.append("{").append(inner).append("}");
  out.push_back(' ');
}

}  // namespace

Exposition::Family& Exposition::family(std::string_view name, std::string_view type, std::string_view help,
                                       Labels labels) {
  const auto found = places_.find(name);
  if (found == places_.end()) {
    check_name(name);
    places_.emplace(std::string{name}, families_.size());
    families_.push_back({std::string{name}, type, std::string{help}, {}, {}});
  }
  Family& family = found == places_.end() ? families_.back() : families_[found->second];
  if (family.type != type) refuse("fed with two types", name);
  std::vector<std::string> pairs;
  for (const Label& label : labels) {
    check_name(label.name);
    if (label.name.starts_with("__") || label.name == "le" || label.name == "quantile") refuse("reserved label", name);
    pairs.push_back(inner_text({label}));
  }
  std::ranges::sort(pairs);  // the order of labels does not matter for a series
  std::string series;
  for (const std::string& pair : pairs) series.append(pair).push_back(',');
  if (!family.series.insert(std::move(series)).second) refuse("the same series twice", name);
  return family;
}

void Exposition::counter(std::string_view name, std::string_view help, Labels labels, std::uint64_t value) {
  if (!name.ends_with("_total")) refuse("a counter ends in _total", name);
  std::string& out = family(name, "counter", help, labels).samples;
  append_series(out, name, "", inner_text(labels));
  out.append(std::to_string(value)).push_back('\n');
}

void Exposition::gauge(std::string_view name, std::string_view help, Labels labels, double value) {
  if (name.ends_with("_total")) refuse("only a counter ends in _total", name);
  std::string& out = family(name, "gauge", help, labels).samples;
  append_series(out, name, "", inner_text(labels));
  append_number(out, value);
  out.push_back('\n');
}

void Exposition::histogram(std::string_view name, std::string_view help, Labels labels,
                           const HistogramSnapshot& value) {
  if (!name.ends_with("_seconds")) refuse("a histogram ends in _seconds", name);
  std::string& out = family(name, "histogram", help, labels).samples;
  const std::string inner = inner_text(labels);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < value.buckets.size(); ++i) {
    below += value.buckets[i];
    std::string bucket = inner.empty() ? "le=\"" : inner + ",le=\"";
    append_number(bucket, i < kHistogramBounds.size() ? seconds(kHistogramBounds[i]) : INFINITY);
    bucket.push_back('"');
    append_series(out, name, "_bucket", bucket);
    out.append(std::to_string(below)).push_back('\n');
  }
  append_series(out, name, "_sum", inner);
  append_number(out, seconds(value.sum));
  out.push_back('\n');
  append_series(out, name, "_count", inner);
  out.append(std::to_string(below)).push_back('\n');
}

std::string Exposition::text() const {
  std::string out;
  for (const Family& family : families_) {
    out.append("# HELP ").append(family.name).push_back(' ');
    append_escaped(out, family.help, "\\\n");
    out.append("\n# TYPE ").append(family.name).append(" ").append(family.type).append("\n").append(family.samples);
  }
  return out;
}

}  // namespace nx::observe
