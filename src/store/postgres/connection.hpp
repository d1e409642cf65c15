#pragma once
// Transactions on one connection, which reconnects by itself. Only prepared statements outlive a transaction on the
// server, so that PgBouncer may give each transaction another session; if it does, statements are unnamed. Used by one
// thread at a time.

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/backoff.hpp"
#include "store/postgres/connector.hpp"
#include "store/postgres/link.hpp"
#include "store/postgres_store.hpp"

namespace nx::store::postgres {

class Connection {
 public:
  /// Planner switches that force plans along an index whatever the statistics say, as SQLite's INDEXED BY does.
  enum class Plans { by_index, by_cost };

  /// `plans` is the default for read().
  static Result<std::unique_ptr<Connection>> open(const PostgresOptions& options, Plans plans);

  /// The steps in one read-only transaction with one snapshot, in one round trip.
  Result<std::vector<Rows>> read(std::vector<Step> steps) { return read(std::move(steps), plans_); }
  /// A statement's plan is cached, so each statement must always be read with the same plans.
  Result<std::vector<Rows>> read(std::vector<Step> steps, Plans plans);

  /// `body` returns a Result and calls exchange(), copy() and finish(). Its error, or an exception, rolls everything
  /// back. It runs again if a prepared statement no longer exists on the server.
  template <std::invocable Body>
  std::invoke_result_t<Body> write(Body body) {
    return transact(Access::write, std::move(body));
  }
  /// The same for a read-only transaction with one snapshot, whose second step depends on the result of the first.
  template <std::invocable Body>
  std::invoke_result_t<Body> look(Body body) {
    return transact(Access::read, std::move(body));
  }

  /// One statement outside of a transaction, for statements that PostgreSQL refuses within one. The session's own
  /// settings apply.
  Result<Rows> alone(std::string_view sql);

  /// Within write() or look(): steps of the transaction in one round trip.
  Result<std::vector<Rows>> exchange(std::vector<Step> steps);
  Result<void> copy(const std::string& sql, std::string_view data);
  /// The last steps together with the commit.
  Result<std::vector<Rows>> finish(std::vector<Step> steps);

  const std::string& label() const { return connector_.label(); }
  /// The SQLSTATE of the last statement that failed; none if the failure was not reported by the server.
  SqlState last_sqlstate() const { return last_sqlstate_; }

 private:
  enum class Access { read, write };
  struct Rollback {
    Connection& db;
    ~Rollback() { db.roll_back(); }  // a transaction that is still open
  };

  template <std::invocable Body>
  std::invoke_result_t<Body> transact(Access access, Body body) {
    access_ = access;
    for (;;) {
      Rollback guard{*this};
      auto result = body();
      if (result && begun_) {
        if (auto committed = commit(); !committed) result = tl::unexpected<Error>(std::move(committed.error()));
      }
      if (result || !forget_names()) return result;
    }
  }

  Connection(const PostgresOptions& options, Address address, Plans plans);
  Result<void> ready();
  Result<void> commit();
  Result<std::vector<Rows>> run(const std::vector<Step>& steps);
  void note(const Error& error);
  void roll_back();
  bool forget_names();
  void stand_back();
  Deadline deadline() const;

  Connector connector_;
  std::string application_name_;
  std::chrono::milliseconds statement_timeout_;
  std::chrono::milliseconds connect_timeout_;
  const std::string& settings(Plans plans) const { return plans == Plans::by_index ? by_index_ : by_cost_; }
  const Plans plans_;
  const std::string by_index_, by_cost_;  // the settings that each transaction begins with
  std::unique_ptr<Link> link_;
  Naming naming_ = Naming::named;
  bool sessions_shared_ = false;
  Access access_ = Access::write;  // the access of transact()'s transaction
  bool begun_ = false;             // a transaction is open

  // between attempts to connect
  runtime::Backoff backoff_{std::chrono::milliseconds{100}, std::chrono::milliseconds{2'000}};
  Deadline next_attempt_{};
  std::string last_failure_;
  SqlState last_sqlstate_ = SqlState::none;
};

}  // namespace nx::store::postgres
