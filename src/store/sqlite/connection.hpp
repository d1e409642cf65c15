#pragma once
// One SQLite connection with its prepared statements. Used by one thread at a time. Every statement has a deadline;
// when it passes, SQLite stops the statement and the error is too_broad.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sqlite3.h>

#include "model/ids.hpp"
#include "model/keyed_hash.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::store::sqlite {

class Connection;

struct Blob {
  std::string bytes;
};
/// A value of a statement that is built at run time.
using Value = std::variant<std::int64_t, std::string, Blob>;

/// One execution of a prepared statement; the destructor resets the statement. Columns may be read after next()
/// returned true.
class Query {
 public:
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Result<bool> next();  // true: a row is available; false: done
  Result<void> run();   // runs to the end and ignores rows
  /// All rows, each as `read` makes it of the query.
  template <class Row, class Read>
  Result<std::vector<Row>> rows(Read read) {
    std::vector<Row> found;
    for (;;) {
      const auto row = next();
      if (!row) return error_of(row);
      if (!*row) return found;
      found.push_back(read(*this));
    }
  }

  bool is_null(int column) const;
  bool flag(int column) const { return integer(column) != 0; }
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  std::optional<std::string> maybe_text(int column) const;
  std::optional<EpochMs> maybe_time(int column) const;
  NotificationId notification_id(int column) const;

 private:
  friend class Connection;
  template <class... Values>
  Query(Connection& db, sqlite3_stmt* statement, const Values&... values) : db_(db), statement_(statement) {
    if (statement_ == nullptr) return;
    [[maybe_unused]] int index = 0;
    (bind(++index, values), ...);
  }

  Query(Connection& db, sqlite3_stmt* owned, const std::vector<Value>& values);

  void bind(int index, std::nullptr_t);
  void bind(int index, std::string_view text);
  void bind(int index, std::span<const std::uint8_t> blob);
  void bind(int index, const NotificationId& id) { bind(index, std::span<const std::uint8_t>{id.bytes}); }
  void bind(int index, EpochMs time) { bind(index, time.value); }
  template <std::integral T>
  void bind(int index, T number) {
    bind_integer(index, static_cast<std::int64_t>(number));
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, nullptr);
    }
  }
  void bind_integer(int index, std::int64_t number);
  void check_bound(int code);

  Connection& db_;
  sqlite3_stmt* statement_;  // null when it could not be prepared
  bool owned_ = false;       // by this query; otherwise by the connection
};

enum class Access { read, write };

class Connection {
 public:
  enum class Open { existing, create };

  /// WAL, synchronous=FULL. The lock time-out equals the statement time-out.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Open how, std::chrono::milliseconds timeout);

  /// `sql` must live as long as the connection, because it is the key of the prepared statement. A statement can be
  /// executed by one query at a time.
  template <class... Values>
  Query query(std::string_view sql, const Values&... values) {
    return Query(*this, prepare(sql), values...);
  }

  /// For a statement that is not kept.
  Query query_once(const std::string& sql, const std::vector<Value>& values);

  /// Adds a deterministic SQL function for our own statements only. Call it before any statement uses the function.
  void add_function(const char* name, int arguments, void (*function)(sqlite3_context*, int, sqlite3_value**));

  /// Several statements without parameters, not kept.
  Result<void> execute(const std::string& script);

  /// `body` returns a Result; its error, or an exception, rolls everything back. `write` takes the writer's lock at
  /// once (a reader that becomes a writer later could fail); `read` sees one snapshot.
  template <class Body>
  std::invoke_result_t<Body> transaction(Access access, Body body) {
    Rollback guard{*this};
    if (auto begun = query(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN").run(); !begun) {
      return error_of(begun);
    }
    auto result = body();
    if (!result) return result;
    if (auto committed = query("COMMIT").run(); !committed) return error_of(committed);
    return result;
  }

  /// Whether the transaction that has just failed waited too long for the writer's lock.
  bool was_busy() const { return db_ && (sqlite3_errcode(db_.get()) & 0xff) == SQLITE_BUSY; }

 private:
  friend class Query;

  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  struct Rollback {
    Connection& db;
    ~Rollback();  // a transaction that is still open
  };

  Connection(std::string path, std::chrono::milliseconds timeout) : path_(std::move(path)), timeout_(timeout) {}
  sqlite3_stmt* prepare(std::string_view sql);
  tl::unexpected<Error> last_error() const;
  void start_clock() { deadline_ = std::chrono::steady_clock::now() + timeout_; }

  std::string path_;
  std::chrono::milliseconds timeout_;
  std::chrono::steady_clock::time_point deadline_;
  std::unique_ptr<sqlite3, Close> db_;
  KeyedMap<std::string, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

}  // namespace nx::store::sqlite
