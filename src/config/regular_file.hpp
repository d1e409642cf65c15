#pragma once
// Reads files that settings name. This happens before signals are handled, so nothing here may wait for a writer.

#include <cstddef>
#include <string>

#include "model/result.hpp"

namespace nx::config {

/// The reason why the file cannot be read, or why it is not a regular file after links are followed (opening a named
/// pipe or a terminal would block); empty if it can be read.
std::string why_unreadable(const std::string& path);

/// Reads all of it. The error says what is wrong and what to do, without the path.
Result<std::string> read_regular_file(const std::string& path, std::size_t max_bytes);

}  // namespace nx::config
