#pragma once
// The `where` of a filter: JSON as a tree of conditions, as IGNIS reads it.

#include <string>

#include "json/document.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

inline constexpr std::size_t kMostLevels = 8;        // of and, or within each other
inline constexpr std::size_t kMostListValues = 100;  // also of order and fields

/// `at` is where it stands, for the message. 422 for what has another shape, 400 for names, operators and values that
/// are none.
Input<store::Where> read_where(json::View where, const std::string& at);

}  // namespace nx::rest
