#pragma once
// Files that settings name, read before signals are handled: nothing here waits for a writer.

#include <cstddef>
#include <string>

#include "model/result.hpp"

namespace nx::config {

/// Why the file can not be read, or is no regular file behind its links (a named pipe or a terminal would be waited
/// for); empty when it can be.
std::string why_unreadable(const std::string& path);

/// All of it. The error says what is wrong and what to do, without the path.
Result<std::string> read_regular_file(const std::string& path, std::size_t max_bytes);

}  // namespace nx::config
