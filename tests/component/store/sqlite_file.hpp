#pragma once
// A bare connection to the file of a database.

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace nx::store {

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
