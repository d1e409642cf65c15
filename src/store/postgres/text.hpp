#pragma once
// What a text column of PostgreSQL can hold: UTF-8 without U+0000.

#include <string_view>

namespace nx::store::postgres {

/// Text that fails here equals nothing in any table; as a parameter it would be an error.
bool is_storable(std::string_view text);

}  // namespace nx::store::postgres
