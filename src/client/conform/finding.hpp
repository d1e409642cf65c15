#pragma once
// What a fact of the protocol can come to besides holding. Thrown, because a fact is a dialogue of many steps of which
// each may be the one that ends it; caught in one place, by the run.

#include <string>
#include <string_view>

namespace nx::client::conform {

/// The server does otherwise.
struct Differs {
  std::string expected;
  std::string got;
};

/// It can not be asked: something is missing that the caller could give.
struct Unchecked {
  std::string why;
};

inline void demand(bool holds, std::string_view expected, std::string_view got) {
  if (!holds) throw Differs{std::string(expected), std::string(got)};
}

/// That all of `text` matches `pattern`, an ECMAScript expression.
void demand_shape(const std::string& pattern, const std::string& text);

inline void demand_same(std::string_view expected, std::string_view got) {
  demand(expected == got, expected, got);
}

}  // namespace nx::client::conform
