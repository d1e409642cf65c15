#include "rest/query_parameters.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "model/number.hpp"
#include "model/percent.hpp"

namespace nx::rest {

Input<QueryParameters> QueryParameters::parse(std::string_view query) {
  QueryParameters parsed;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = percent_decode_utf8(pair.substr(0, equals), PlusSign::space);
    const auto value = percent_decode_utf8(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), PlusSign::space);
    if (!name || !value) return tl::unexpected<BadInput>({400, "", "Malformed query"});
    if (!parsed.values_.emplace(*name, *value).second) return bad_field(*name, "given more than once");
  }
  return parsed;
}

Input<std::optional<std::int64_t>> QueryParameters::integer(const std::string& name, std::int64_t least,
                                                            std::int64_t most) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  const auto number = whole_number<std::int64_t>(found->second);
  if (!number || *number < least || *number > most) {
    const std::string bound = most == std::numeric_limits<std::int64_t>::max() ? "" : " to " + std::to_string(most);
    return bad_field(name, fmt::format("expected an integer from {}{}", least, bound));
  }
  return number;
}

Input<bool> QueryParameters::flag(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second == "false") return false;
  if (found->second == "true") return true;
  return bad_field(name, "expected true or false");
}

std::optional<std::string> QueryParameters::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

}  // namespace nx::rest
