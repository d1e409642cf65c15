#pragma once

namespace nx::json {

enum class Kind : unsigned char { null, boolean, number, string, array, object };

}  // namespace nx::json
