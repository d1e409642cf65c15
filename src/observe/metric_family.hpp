#pragma once
// The fixed part of a metric: everything but its samples.

#include <array>
#include <cstdint>
#include <string_view>

namespace nx::observe {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

constexpr std::string_view to_text(MetricType type) {
  return type == MetricType::counter ? "counter" : type == MetricType::gauge ? "gauge" : "histogram";
}

/// Views of literals.
struct MetricFamily {
  std::string_view name;  // a counter's ends in `_total`, a histogram's in `_seconds`
  MetricType type;
  std::string_view unit;                   // of a sample's value, in words
  std::array<std::string_view, 2> labels;  // the names of the labels of each sample; empty: none
  std::string_view meaning;                // one sentence: the help text
};

}  // namespace nx::observe
