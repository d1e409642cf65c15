#pragma once
// Writes metrics as text. The handler of `/metrics` constructs one, adds every value, and takes the text: there is no
// registry. Used by one thread.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "observe/exemplar.hpp"
#include "observe/exposition_format.hpp"
#include "observe/histogram.hpp"
#include "observe/metric_family.hpp"

namespace nx::observe {

/// Few different values, never a user id, a token or text from outside. Views: valid for the call.
struct Label {
  std::string_view name;
  std::string_view value;
};

class Exposition {
 public:
  using Labels = std::initializer_list<Label>;

  explicit Exposition(ExpositionFormat format) : open_metrics_(format == ExpositionFormat::open_metrics) {}

  // Samples of one family may be added in any order; they are written together. A family whose name, type or labels
  // break a rule, a sample with other labels than its family's, or the same series twice is a bug:
  // std::invalid_argument.

  void counter(const MetricFamily& family, Labels labels, std::uint64_t value);
  void counter(const MetricFamily& family, std::uint64_t value) { counter(family, {}, value); }
  void gauge(const MetricFamily& family, Labels labels, double value);
  void gauge(const MetricFamily& family, double value) { gauge(family, {}, value); }
  /// Only OpenMetrics has exemplars.
  void histogram(const MetricFamily& family, Labels labels, const HistogramSnapshot& value,
                 const Exemplars& exemplars = {});
  void histogram(const MetricFamily& family, const HistogramSnapshot& value, const Exemplars& exemplars = {}) {
    histogram(family, {}, value, exemplars);
  }

  std::string text() const;

 private:
  struct Samples {
    MetricFamily family;
    std::string text;
    std::set<std::string> series;  // label sets, to detect one that is added twice
  };

  std::string& samples(const MetricFamily& family, MetricType type, Labels labels);

  const bool open_metrics_;
  std::vector<Samples> families_;  // in the order of their first sample
  std::map<std::string, std::size_t, std::less<>> places_;
};

}  // namespace nx::observe
