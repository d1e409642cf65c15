#pragma once
// What can not be stored as it came, wherever it stands in a message: U+0000, and numbers beyond PostgreSQL's numeric,
// which jsonb and text can not hold; and half a character in a member's name, which U+FFFD would make another name.

#include "json/document.hpp"
#include "model/result.hpp"

namespace nx::contract {

/// The error names the member path and the bound. Of a document that was read with lone surrogates replaced.
Result<void> check_storable(json::View value);

/// Whether `lexeme`, a JSON number, fits `numeric`: up to 131,072 digits before and 16,383 after the decimal point
/// (PostgreSQL manual, §8.1.2). Looks at the exponent, never writes the digits out.
bool fits_numeric(std::string_view lexeme);

/// By how many bytes `value` grows when each of its numbers is written out, as jsonb keeps them and gives them back:
/// `1e131071` becomes 131,072 digits. Of what fits_numeric().
std::size_t written_out_growth(json::View value);

}  // namespace nx::contract
