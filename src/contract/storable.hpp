#pragma once
// Finds values of a message that a database cannot store unchanged: times outside the years
// 0001 to 9999; U+0000, which neither text nor jsonb can hold; numbers beyond PostgreSQL's
// numeric, which jsonb cannot hold; and a lone surrogate in a member name: U+FFFD in its place turns the name
// into another name.

#include "json/document.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::contract {

/// The error names the path of the value and what is wrong with it. `value` must have been parsed with lone surrogates
/// replaced.
Result<void> check_storable(json::View value);

/// Returns true when `lexeme`, a JSON number, fits `numeric`: up to 131,072 digits before and 16,383 after the decimal
/// point (PostgreSQL manual, §8.1.2). Computed from the exponent, without writing the digits out.
bool fits_numeric(std::string_view lexeme);

/// Within the years 0001 to 9999, which ISO 8601 text, PostgreSQL and SQLite can all express.
constexpr bool is_storable(EpochMs time) {
  return time.value >= -62'135'596'800'000 && time.value <= 253'402'300'799'999;
}

/// By how many bytes `value` grows when each of its numbers is written out, as jsonb stores and returns it: `1e131071`
/// becomes 131,072 digits. Only for values for which fits_numeric() is true.
std::size_t written_out_growth(json::View value);

}  // namespace nx::contract
