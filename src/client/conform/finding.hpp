#pragma once
// The outcomes of a fact that does not hold or cannot be checked. They are thrown, because any of the many steps of a
// dialogue may end it, and caught in one place, by the run.

#include <string>
#include <string_view>

namespace nx::client::conform {

/// The server behaves differently.
struct Differs {
  std::string expected;
  std::string got;
};

/// The fact cannot be checked, because the caller did not provide something that it needs.
struct Unchecked {
  std::string why;
};

inline void demand(bool holds, std::string_view expected, std::string_view got) {
  if (!holds) throw Differs{std::string(expected), std::string(got)};
}

/// Throws Differs unless all of `text` matches `pattern`, an ECMAScript regular expression.
void demand_shape(const std::string& pattern, const std::string& text);

inline void demand_same(std::string_view expected, std::string_view got) {
  demand(expected == got, expected, got);
}

}  // namespace nx::client::conform
