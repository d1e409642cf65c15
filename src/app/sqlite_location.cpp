#include "app/sqlite_location.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/core.h>

#include "config/url_redaction.hpp"
#include "store/sqlite_store.hpp"

namespace nx::app {
namespace {

namespace fs = std::filesystem;

Result<std::string> own_folder(Keep keep) {
  std::error_code error;
  if (keep == Keep::no) {
    std::string pattern = (fs::temp_directory_path(error) / "nx-signal-XXXXXX").string();
    if (error || mkdtemp(pattern.data()) == nullptr)
      return fail(ErrorKind::unavailable, "cannot create a directory like " + pattern);
    return pattern;
  }
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state == nullptr && home == nullptr) {
    return fail(ErrorKind::invalid, "--keep needs HOME or a path: --database-url sqlite:/path/to/signal.sqlite");
  }
  const fs::path folder = (state != nullptr ? fs::path(state) : fs::path(home) / ".local/state") / "nx-signal";
  fs::create_directories(folder, error);
  if (error) return fail(ErrorKind::unavailable, fmt::format("cannot create {}: {}", folder.string(), error.message()));
  return folder.string();
}

}  // namespace

Result<SqliteLocation> SqliteLocation::prepare(const std::string& url, Keep keep) {
  SqliteLocation location;
  if (url.empty()) {
    auto folder = own_folder(keep);
    if (!folder) return error_of(folder);
    location.path_ = *folder + "/dev.sqlite";
    if (keep == Keep::no) location.own_folder_ = *folder;
    return location;
  }
  auto path = store::sqlite_path(url, config::redact_url(url));
  if (!path) return error_of(path);
  location.path_ = *path;
  if (keep == Keep::no) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::error_code error;
      fs::remove(*path + suffix, error);
      if (error)
        return fail(ErrorKind::unavailable, fmt::format("cannot empty {}{}: {}", *path, suffix, error.message()));
    }
  }
  return location;
}

SqliteLocation::SqliteLocation(SqliteLocation&& other) noexcept
    : path_(std::move(other.path_)), own_folder_(std::exchange(other.own_folder_, {})) {}

SqliteLocation::~SqliteLocation() {
  if (own_folder_.empty()) return;
  std::error_code ignored;
  fs::remove_all(own_folder_, ignored);
}

}  // namespace nx::app
