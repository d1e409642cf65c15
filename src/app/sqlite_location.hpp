#pragma once
// Where the embedded database lies, and what becomes of it.

#include <string>

#include "model/result.hpp"

namespace nx::app {

enum class Keep { no, yes };

class SqliteLocation {
 public:
  /// `url`: `sqlite:PATH`, or empty for a folder of our own that is removed with the object (kept: one below the user's
  /// state folder). Without `keep` an existing file is emptied by removing it with its -wal and -shm.
  static Result<SqliteLocation> prepare(const std::string& url, Keep keep);
  ~SqliteLocation();
  SqliteLocation(SqliteLocation&& other) noexcept;
  SqliteLocation& operator=(SqliteLocation&&) = delete;

  const std::string& path() const { return path_; }

 private:
  SqliteLocation() = default;
  std::string path_;
  std::string own_folder_;  // removed at the end when not empty
};

}  // namespace nx::app
