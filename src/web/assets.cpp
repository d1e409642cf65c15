#include "web/assets.hpp"

#include <utility>

namespace nx::web {

namespace {

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".mjs")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

}  // namespace

std::optional<Asset> find_asset(std::span<const EmbeddedFile> files, std::string_view name) {
  for (const EmbeddedFile& file : files) {
    if (file.name == name) return Asset{file.content, type_of(name)};
  }
  return std::nullopt;
}

transport::HttpResponse page_reply(std::string content, std::string_view type, std::string policy) {
  return {200,
          {{"content-type", std::string(type)},
           {"content-security-policy", std::move(policy)},
           {"x-content-type-options", "nosniff"},
           {"referrer-policy", "no-referrer"},
           {"cross-origin-opener-policy", "same-origin"},
           {"cross-origin-resource-policy", "same-origin"},
           {"cache-control", "no-store"}},
          std::move(content)};
}

}  // namespace nx::web
