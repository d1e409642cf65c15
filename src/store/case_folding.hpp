#pragma once
// Upper and lower case of single characters, for ilike and iregexp. The tables are those of the C library's C.UTF-8, so
// that the result depends neither on the locale of the program nor on that of the database.

#include <string>
#include <string_view>
#include <vector>

namespace nx::store {

char32_t lower_case(char32_t character);

/// The character and all others that equal it if case is ignored, ascending; empty for a character without case.
const std::u32string& same_letters(char32_t character);

/// The cased characters from `first` to `last`, ascending.
std::u32string cased_within(char32_t first, char32_t last);

std::u32string characters_of(std::string_view utf8);  // valid UTF-8
void append_utf8(std::string& out, char32_t character);

}  // namespace nx::store
