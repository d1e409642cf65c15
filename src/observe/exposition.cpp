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

void check_family(const MetricFamily& family) {
  check_name(family.name);
  for (const std::string_view label : family.labels) {
    if (label.empty()) continue;
    check_name(label);
    if (label.starts_with("__") || label == "le" || label == "quantile") refuse("reserved label", family.name);
  }
  const bool is_total = family.name.ends_with("_total");
  if (family.type == MetricType::counter && !is_total) refuse("a counter ends in _total", family.name);
  if (family.type != MetricType::counter && is_total) refuse("only a counter ends in _total", family.name);
  if (family.type == MetricType::histogram && !family.name.ends_with("_seconds")) {
    refuse("a histogram ends in _seconds", family.name);
  }
}

std::size_t label_count(const MetricFamily& family) {
  return family.labels.size() - static_cast<std::size_t>(std::ranges::count(family.labels, std::string_view{}));
}

std::string_view without_total(std::string_view name) {
  constexpr std::string_view kTotal = "_total";
  return name.ends_with(kTotal) ? name.substr(0, name.size() - kTotal.size()) : name;
}

/// OpenMetrics names a unit only if the family's name ends in it.
bool ends_in_unit(std::string_view name, std::string_view unit) {
  return name.ends_with(unit) && name.substr(0, name.size() - unit.size()).ends_with('_');
}

/// In the value of a label `\`, `"` and the line feed are escaped, in a help text `\` and the line feed, in OpenMetrics
/// `"` too.
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

/// Both formats name a bucket alike, so that its series does not depend on what the scraper asks for: with the decimal
/// point that OpenMetrics wants. Without an exponent, which no bound needs.
void append_bound(std::string& out, std::chrono::microseconds bound) {
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), seconds(bound), std::chars_format::fixed).ptr;
  const std::string_view text{digits.data(), static_cast<std::size_t>(end - digits.data())};
  out.append(text);
  if (text.find('.') == std::string_view::npos) out.append(".0");
}

/// ` # {trace_id="…"} VALUE TIME`, both in seconds.
void append_exemplar(std::string& out, const Exemplar& exemplar) {
  out.append(" # {trace_id=\"");
  append_trace_id(out, exemplar.trace);
  out.append("\"} ");
  append_number(out, seconds(exemplar.value));
  out.push_back(' ');
  append_number(out, static_cast<double>(exemplar.at.value) / 1'000);
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

std::string& Exposition::samples(const MetricFamily& family, MetricType type, Labels labels) {
  check_family(family);
  if (family.type != type) refuse("a sample of another type", family.name);
  const auto place = places_.try_emplace(std::string{family.name}, families_.size()).first->second;
  if (place == families_.size()) families_.push_back({family, {}, {}});
  std::vector<std::string> pairs;
  for (const Label& label : labels) {
    if (std::ranges::find(family.labels, label.name) == family.labels.end()) refuse("a label it has not", family.name);
    pairs.push_back(inner_text({label}));
  }
  if (pairs.size() != label_count(family)) refuse("a label is missing or comes twice", family.name);
  std::ranges::sort(pairs);  // the order of labels does not matter for a series
  std::string series;
  for (const std::string& pair : pairs) series.append(pair).push_back(',');
  if (!families_[place].series.insert(std::move(series)).second) refuse("the same series twice", family.name);
  return families_[place].text;
}

void Exposition::counter(const MetricFamily& family, Labels labels, std::uint64_t value) {
  std::string& out = samples(family, MetricType::counter, labels);
  append_series(out, family.name, "", inner_text(labels));
  out.append(std::to_string(value)).push_back('\n');
}

void Exposition::gauge(const MetricFamily& family, Labels labels, double value) {
  std::string& out = samples(family, MetricType::gauge, labels);
  append_series(out, family.name, "", inner_text(labels));
  append_number(out, value);
  out.push_back('\n');
}

void Exposition::histogram(const MetricFamily& family, Labels labels, const HistogramSnapshot& value,
                           const Exemplars& exemplars) {
  std::string& out = samples(family, MetricType::histogram, labels);
  const std::string inner = inner_text(labels);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < value.buckets.size(); ++i) {
    below += value.buckets[i];
    std::string bucket = inner.empty() ? "le=\"" : inner + ",le=\"";
    if (i < kHistogramBounds.size()) {
      append_bound(bucket, kHistogramBounds[i]);
    } else {
      bucket.append("+Inf");
    }
    bucket.push_back('"');
    append_series(out, family.name, "_bucket", bucket);
    out.append(std::to_string(below));
    if (open_metrics_ && exemplars[i]) append_exemplar(out, *exemplars[i]);
    out.push_back('\n');
  }
  append_series(out, family.name, "_sum", inner);
  append_number(out, seconds(value.sum));
  out.push_back('\n');
  append_series(out, family.name, "_count", inner);
  out.append(std::to_string(below)).push_back('\n');
}

std::string Exposition::text() const {
  std::string out;
  for (const Samples& samples : families_) {
    const MetricFamily& family = samples.family;
    // In OpenMetrics `_total` belongs to a counter's sample, not to its family.
    const std::string_view name = open_metrics_ ? without_total(family.name) : family.name;
    out.append("# HELP ").append(name).push_back(' ');
    append_escaped(out, family.meaning, open_metrics_ ? "\\\"\n" : "\\\n");
    out.append("\n# TYPE ").append(name).append(" ").append(to_text(family.type)).push_back('\n');
    if (open_metrics_ && ends_in_unit(name, family.unit)) {
      out.append("# UNIT ").append(name).append(" ").append(family.unit).push_back('\n');
    }
    out.append(samples.text);
  }
  if (open_metrics_) out.append("# EOF\n");
  return out;
}

}  // namespace nx::observe
