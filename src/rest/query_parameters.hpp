#pragma once
// The query of a request target as decoded parameters.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "rest/replies.hpp"

namespace nx::rest {

inline constexpr std::int64_t kMostRows = 100;  // rows of one page

class QueryParameters {
 public:
  /// 400 for a broken escape; 422 for a parameter that is given twice.
  static Input<QueryParameters> parse(std::string_view query);

  bool has(const std::string& name) const { return values_.contains(name); }

  /// nullopt when the parameter is absent; 422 that names it when it is not an integer within the bounds.
  Input<std::optional<std::int64_t>> integer(const std::string& name, std::int64_t least, std::int64_t most) const;
  /// `true` or `false`; absent means false.
  Input<bool> flag(const std::string& name) const;
  std::optional<std::string> text(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace nx::rest
