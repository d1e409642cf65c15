#pragma once
// Files of a page, embedded in the binary (cmake/embed.cmake), and how they are answered. Constant data; any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::web {

struct EmbeddedFile {
  std::string_view name;  // without a directory
  std::string_view content;
};

struct Asset {
  std::string_view content;
  std::string_view type;  // the Content-Type
};
std::optional<Asset> find_asset(std::span<const EmbeddedFile> files, std::string_view name);

/// With the headers that keep other sites out. `policy`: the Content-Security-Policy.
transport::HttpResponse page_reply(std::string content, std::string_view type, std::string policy);

}  // namespace nx::web
