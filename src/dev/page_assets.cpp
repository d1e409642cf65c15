#include "dev/page_assets.hpp"

namespace nx::dev {

namespace {

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".mjs")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

}  // namespace

std::optional<Asset> find_asset(std::string_view name) {
  for (const EmbeddedFile& file : page_files()) {
    if (file.name == name) return Asset{file.content, type_of(name)};
  }
  return std::nullopt;
}

}  // namespace nx::dev
