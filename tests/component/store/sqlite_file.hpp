#pragma once
// A file for a database, and a bare connection to it.

#include <filesystem>
#include <memory>
#include <stdlib.h>
#include <string>

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace nx::store {

/// A folder of its own, removed at the end.
class SqliteFolder {
 public:
  SqliteFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~SqliteFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  SqliteFolder(const SqliteFolder&) = delete;
  SqliteFolder& operator=(const SqliteFolder&) = delete;

  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A bare connection, for what the repositories do not do.
class SqliteRaw {
 public:
  explicit SqliteRaw(const std::string& path) {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    db_.reset(db);
  }
  void run(const std::string& script) {
    char* problem = nullptr;
    EXPECT_EQ(sqlite3_exec(db_.get(), script.c_str(), nullptr, nullptr, &problem), SQLITE_OK)
        << (problem != nullptr ? problem : "");
    sqlite3_free(problem);
  }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace nx::store
