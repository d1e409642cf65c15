#include "client/conform/finding.hpp"

#include <regex>  // long to compile: here alone

namespace nx::client::conform {

void demand_shape(const std::string& pattern, const std::string& text) {
  demand(std::regex_match(text, std::regex(pattern)), pattern, text.substr(0, 400));
}

}  // namespace nx::client::conform
