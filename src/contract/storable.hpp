#pragma once
// What PostgreSQL can not hold in jsonb and text, wherever it stands in a message: U+0000, and numbers beyond its
// numeric type.

#include "json/value.hpp"
#include "model/result.hpp"

namespace nx::contract {

/// The error names the member path and the bound. Lone surrogates are refused by the parser already.
Result<void> check_storable(const json::Value& value);

/// Whether `lexeme`, a JSON number, fits `numeric`: up to 131,072 digits before and 16,383 after the decimal point
/// (PostgreSQL manual, §8.1.2). Looks at the exponent, never writes the digits out.
bool fits_numeric(std::string_view lexeme);

/// By how many bytes `value` grows when each of its numbers is written out, as jsonb keeps them and gives them back:
/// `1e131071` becomes 131,072 digits. Of what fits_numeric().
std::size_t written_out_growth(const json::Value& value);

}  // namespace nx::contract
