#pragma once
// The texts that a text column of PostgreSQL can hold: UTF-8 without U+0000.

#include <string_view>

namespace nx::store::postgres {

/// A text that fails here equals nothing in any table, and would be an error as a parameter.
bool is_storable(std::string_view text);

}  // namespace nx::store::postgres
