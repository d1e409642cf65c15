#pragma once
// The location of the embedded database, and its removal.

#include <string>

#include "model/result.hpp"

namespace nx::app {

enum class Keep { no, yes };

class SqliteLocation {
 public:
  /// `url`: `sqlite:PATH`, or empty for a temporary directory that is removed with the object (with `keep`: a directory
  /// below the user's state directory). Without `keep` an existing file is removed together with its -wal and -shm.
  static Result<SqliteLocation> prepare(const std::string& url, Keep keep);
  ~SqliteLocation();
  SqliteLocation(SqliteLocation&& other) noexcept;
  SqliteLocation& operator=(SqliteLocation&&) = delete;

  const std::string& path() const { return path_; }

 private:
  SqliteLocation() = default;
  std::string path_;
  std::string own_folder_;  // removed at the end if not empty
};

}  // namespace nx::app
