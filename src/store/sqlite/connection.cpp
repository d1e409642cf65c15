#include "store/sqlite/connection.hpp"

#include <cstring>
#include <new>
#include <stdexcept>
#include <thread>

#include <fmt/core.h>

namespace nx::store::sqlite {
namespace {

constexpr int kStepsBetweenClockReads = 4'000;  // virtual machine instructions; they take well under a millisecond

ErrorKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return ErrorKind::invalid;
    case SQLITE_INTERRUPT:
      return ErrorKind::too_broad;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      throw std::logic_error("sqlite: the interface was misused");
    default:
      // Busy, full, read-only, I/O, corrupt, no such table: a change of the caller's data would not help.
      return ErrorKind::unavailable;
  }
}

bool says_wal(Query& pragma) {
  const auto row = pragma.next();
  return row && *row && pragma.text(0) == "wal";
}

}  // namespace

Query::Query(Connection& db, sqlite3_stmt* owned, const std::vector<Value>& values)
    : db_(db), statement_(owned), owned_(true) {
  if (statement_ == nullptr) return;
  int index = 0;
  for (const Value& value : values) {
    ++index;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      bind_integer(index, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      bind(index, std::string_view{*text});
    } else {
      const std::string& bytes = std::get<Blob>(value).bytes;
      bind(index, std::span{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    }
  }
}

Query::~Query() {
  if (statement_ == nullptr) return;
  if (owned_) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<bool> Query::next() {
  if (statement_ == nullptr) return db_.last_error();
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return db_.last_error();
  }
}

Result<void> Query::run() {
  for (;;) {
    const auto row = next();
    if (!row) return error_of(row);
    if (!*row) return {};
  }
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Query::text(int column) const {
  const unsigned char* start = sqlite3_column_text(statement_, column);
  if (start == nullptr) return {};
  return {reinterpret_cast<const char*>(start), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> Query::maybe_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<EpochMs> Query::maybe_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return EpochMs{integer(column)};
}

NotificationId Query::notification_id(int column) const {
  NotificationId id;
  const void* start = sqlite3_column_blob(statement_, column);
  if (start != nullptr && sqlite3_column_bytes(statement_, column) == static_cast<int>(id.bytes.size())) {
    std::memcpy(id.bytes.data(), start, id.bytes.size());
  }
  return id;
}

// SQLite copies the values, so a temporary may be bound.
void Query::bind(int index, std::nullptr_t) {
  check_bound(sqlite3_bind_null(statement_, index));
}

void Query::bind_integer(int index, std::int64_t number) {
  check_bound(sqlite3_bind_int64(statement_, index, number));
}

void Query::bind(int index, std::string_view text) {
  // A null pointer would bind NULL, and the pointer of an empty view may be null.
  const char* start = text.empty() ? "" : text.data();
  check_bound(sqlite3_bind_text64(statement_, index, start, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Query::bind(int index, std::span<const std::uint8_t> blob) {
  check_bound(sqlite3_bind_blob64(statement_, index, blob.data(), blob.size(), SQLITE_TRANSIENT));
}

void Query::check_bound(int code) {
  if (code == SQLITE_NOMEM) throw std::bad_alloc();
  if (code != SQLITE_OK) throw std::logic_error("sqlite: a value does not fit its statement");
}

Connection::Rollback::~Rollback() {
  // After some errors (disk full, interrupt) SQLite has already rolled back.
  if (sqlite3_get_autocommit(db.db_.get()) == 0) sqlite3_exec(db.db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Open how,
                                                     std::chrono::milliseconds timeout) {
  std::unique_ptr<Connection> opened(new Connection(path, timeout));
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (how == Open::create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  opened->db_.reset(db);
  if (code != SQLITE_OK) return opened->last_error();

  sqlite3_busy_timeout(db, static_cast<int>(timeout.count()));
  sqlite3_progress_handler(
      db, kStepsBetweenClockReads,
      [](void* self) { return std::chrono::steady_clock::now() > static_cast<Connection*>(self)->deadline_ ? 1 : 0; },
      opened.get());

  // The change to WAL needs exclusive access to the file and does not wait for it (sqlite.org/wal.html); afterwards WAL
  // is a property of the file.
  const auto give_up = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    auto pragma = opened->query("PRAGMA journal_mode=WAL");
    if (says_wal(pragma)) break;
    const bool busy = (sqlite3_errcode(db) & 0xff) == SQLITE_BUSY;
    if (!busy && sqlite3_errcode(db) != SQLITE_OK && sqlite3_errcode(db) != SQLITE_ROW) return opened->last_error();
    if (!busy)
      return fail(ErrorKind::unavailable,
                  path + ": does not accept journal_mode=WAL; it must be a regular file on a local disk");
    if (std::chrono::steady_clock::now() > give_up) return opened->last_error();
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  if (auto set = opened->query("PRAGMA synchronous=FULL").run(); !set) return error_of(set);
  return opened;
}

Result<void> Connection::execute(const std::string& script) {
  start_clock();
  if (sqlite3_exec(db_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return last_error();
  return {};
}

sqlite3_stmt* Connection::prepare(std::string_view sql) {
  start_clock();
  if (const auto kept = statements_.find(sql); kept != statements_.end()) {
    if (sqlite3_stmt_busy(kept->second.get()) != 0)
      throw std::logic_error("sqlite: a statement is run inside its own rows");
    return kept->second.get();
  }
  sqlite3_stmt* made = nullptr;
  sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (made != nullptr) statements_.emplace(sql, made);
  return made;
}

Query Connection::query_once(const std::string& sql, const std::vector<Value>& values) {
  start_clock();
  sqlite3_stmt* made = nullptr;
  sqlite3_prepare_v2(db_.get(), sql.data(), static_cast<int>(sql.size()), &made, nullptr);
  return Query(*this, made, values);
}

void Connection::add_function(const char* name, int arguments,
                              void (*function)(sqlite3_context*, int, sqlite3_value**)) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  if (sqlite3_create_function_v2(db_.get(), name, arguments, kFlags, nullptr, function, nullptr, nullptr, nullptr) !=
      SQLITE_OK) {
    throw std::logic_error(std::string{"sqlite: does not take the function "} + name);
  }
}

tl::unexpected<Error> Connection::last_error() const {
  const int code = db_ ? sqlite3_extended_errcode(db_.get()) : SQLITE_NOMEM;
  const std::string reason = db_ ? sqlite3_errmsg(db_.get()) : "out of memory";
  return fail(kind_of(code), fmt::format("{}: {} (SQLite {})", path_, reason, code));
}

}  // namespace nx::store::sqlite
