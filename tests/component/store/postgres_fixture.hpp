#pragma once
// A database of its own in a running server, and servers of their own for faults.

#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/activity_notification_repository.hpp"
#include "store/postgres_store.hpp"

namespace nx::store {

/// A bare, blocking connection, for what the repositories do not do.
class PostgresRaw {
 public:
  explicit PostgresRaw(const std::string& url);
  /// Fails the test on an error; the first column of the first row, if any.
  std::optional<std::string> run(const std::string& script);
  /// The first column of all rows.
  std::vector<std::string> column(const std::string& query);
  /// The SQLSTATE of the error, or empty.
  std::string sqlstate_of(const std::string& script);

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

/// `url` with another database, or another port, or whatever `text` stands for.
std::string with_database(const std::string& url, const std::string& database);

/// A partition of both tables for a month of the past.
void add_month(PostgresRaw& raw, int months_ago);

/// A fresh database, dropped with the object. Without `server_url` in the server of NX_TEST_POSTGRES.
class PostgresDatabase {
 public:
  explicit PostgresDatabase(const std::string& server_url = {});
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  const std::string& url() const { return url_; }
  PostgresOptions options() const;

 private:
  std::string server_url_;
  std::string name_;
  std::string url_;
};

/// A server of its own in a folder of its own: tests/stack/postgres.
class PostgresServer {
 public:
  explicit PostgresServer(const std::string& server_options = {});
  struct StandbyOf {
    const PostgresServer& primary;
  };
  explicit PostgresServer(StandbyOf streaming);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  void command(const std::string& words);  // start, immediate, stop, pause, resume, promote
  const std::string& url() const { return url_; }
  std::string port() const;
  PostgresOptions options() const;

 private:
  void make_folder();
  std::string stack_command(const std::string& words) const;

  std::string folder_;
  std::string environment_;
  std::string url_;
};

/// A new one of that source for those users.
inline NewNotification message(const std::string& source, const std::vector<std::string>& users = {"u1"}) {
  NewNotification item;
  item.activity.source = source;
  item.activity.type = "t";
  item.activity.title = "x";
  for (const std::string& user : users) item.recipients.push_back({user});
  return item;
}

}  // namespace nx::store
