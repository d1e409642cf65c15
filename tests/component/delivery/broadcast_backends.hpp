#pragma once
// The two databases on which messages to very many are tested.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "component/store/postgres_fixture.hpp"
#include "component/temporary_folder.hpp"
#include "store/sqlite_store.hpp"

namespace nx::delivery {

using store::PolicyRow;

/// A database with a policy table of its own.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual store::Repositories open() = 0;
  virtual void add(const std::vector<PolicyRow>& rows) = 0;
  virtual void remove(const std::string& user) = 0;
  virtual void end_leases() = 0;
};

class PostgresBackend final : public Backend {
 public:
  explicit PostgresBackend(bool indexed) {
    EXPECT_TRUE(store::migrate_postgres(database_.options()));
    raw_.run(R"(CREATE SCHEMA identity; CREATE TABLE identity."PolicyDefinition" (variant text NOT NULL,
      subject_type text NOT NULL, subject_id text NOT NULL, target_type text NOT NULL, target_id text NOT NULL))");
    if (!indexed) return;
    raw_.run(R"(CREATE INDEX ON identity."PolicyDefinition" (variant, target_type, target_id, subject_id))");
  }
  store::Repositories open() override {
    auto opened = store::open_postgres_repositories(database_.options());
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : store::Repositories{};
  }
  void add(const std::vector<PolicyRow>& rows) override {
    std::string values;
    for (const PolicyRow& row : rows) {
      values += std::string(values.empty() ? "('" : ", ('") + row.variant + "','" + row.subject_type + "','" +
                row.subject_id + "','" + row.target_type + "','" + row.target_id + "')";
    }
    raw_.run(R"(INSERT INTO identity."PolicyDefinition" VALUES )" + values);
  }
  void remove(const std::string& user) override {
    raw_.run(R"(DELETE FROM identity."PolicyDefinition" WHERE subject_id = ')" + user + "'");
  }
  void end_leases() override { raw_.run(R"(UPDATE signal."ActivityBroadcast" SET lease_until = turn_at)"); }
  store::PostgresRaw& raw() { return raw_; }

 private:
  store::PostgresDatabase database_;
  store::PostgresRaw raw_{database_.url()};
};

class SqliteBackend final : public Backend {
 public:
  SqliteBackend() {
    options_.path = folder_.file("signal.db");
    EXPECT_TRUE(store::migrate_sqlite(options_));
    EXPECT_TRUE(store::replace_sqlite_policies(options_, {}));
  }
  store::Repositories open() override {
    auto opened = store::open_sqlite_repositories(options_);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : store::Repositories{};
  }
  void add(const std::vector<PolicyRow>& rows) override {
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    EXPECT_TRUE(store::replace_sqlite_policies(options_, rows_));
  }
  void remove(const std::string& user) override {
    std::erase_if(rows_, [&user](const PolicyRow& row) { return row.subject_id == user; });
    EXPECT_TRUE(store::replace_sqlite_policies(options_, rows_));
  }
  void end_leases() override {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(options_.path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, R"(UPDATE "ActivityBroadcast" SET lease_until = turn_at)", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
  }

 private:
  test::TemporaryFolder folder_;
  store::SqliteOptions options_;
  std::vector<PolicyRow> rows_;
};

}  // namespace nx::delivery
