#pragma once

#include <span>

#include "web/assets.hpp"

namespace nx::dev {

/// The files of src/dev/page/, src/dev/generated/ and src/web/shared/. Defined in a file that cmake/embed.cmake writes.
std::span<const web::EmbeddedFile> page_files();

}  // namespace nx::dev
