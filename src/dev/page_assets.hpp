#pragma once
// The files of src/dev/page/, embedded in the binary (cmake/embed.cmake). Constant data; any thread.

#include <optional>
#include <span>
#include <string_view>

namespace nx::dev {

struct EmbeddedFile {
  std::string_view name;  // without a directory
  std::string_view content;
};

/// All files, sorted by name. Defined in a file that cmake/embed.cmake writes.
std::span<const EmbeddedFile> page_files();

struct Asset {
  std::string_view content;
  std::string_view type;  // the Content-Type
};
std::optional<Asset> find_asset(std::string_view name);

}  // namespace nx::dev
