#pragma once
// Writes metrics in Prometheus' text format 0.0.4. The handler of `/metrics` constructs one, adds every value, and
// takes the text: there is no registry. Used by one thread.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "observe/histogram.hpp"

namespace nx::observe {

/// Few different values, never a user id, a token or text from outside. Views: valid for the call.
struct Label {
  std::string_view name;
  std::string_view value;
};

class Exposition {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  using Labels = std::initializer_list<Label>;

  // Samples of one name may be added in any order; they are written together, under the first help text. An invalid
  // name, one name with two types, or the same series twice is a bug: std::invalid_argument.

  void counter(std::string_view name, std::string_view help, Labels labels, std::uint64_t value);  // `…_total`
  void counter(std::string_view name, std::string_view help, std::uint64_t value) { counter(name, help, {}, value); }
  void gauge(std::string_view name, std::string_view help, Labels labels, double value);
  void gauge(std::string_view name, std::string_view help, double value) { gauge(name, help, {}, value); }
  void histogram(std::string_view name, std::string_view help, Labels labels,
                 const HistogramSnapshot& value);  // `…_seconds`
  void histogram(std::string_view name, std::string_view help, const HistogramSnapshot& value) {
    histogram(name, help, {}, value);
  }

  std::string text() const;

 private:
  struct Family {
    std::string name;
    std::string_view type;  // a literal
    std::string help;
    std::string samples;
    std::set<std::string> series;  // label sets, to detect one that is added twice
  };

  Family& family(std::string_view name, std::string_view type, std::string_view help, Labels labels);

  std::vector<Family> families_;  // in the order of their first sample
  std::map<std::string, std::size_t, std::less<>> places_;
};

}  // namespace nx::observe
