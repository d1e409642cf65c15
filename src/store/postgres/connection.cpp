#include "store/postgres/connection.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The server's own time-out expires first and gives a reason; ours is for a server that does not answer.
constexpr milliseconds kGrace{500};
constexpr milliseconds kRollbackPatience{500};

constexpr std::string_view kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr std::string_view kBeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED";
constexpr std::string_view kCommit = "COMMIT";
constexpr std::string_view kRollback = "ROLLBACK";

std::string set(const std::string& name, const std::string& value) {
  return fmt::format("set_config('{}', '{}', true)", name, value);
}

/// The wait for a lock ends before the statement time-out, so that the two can be told apart. If our process vanishes,
/// the server ends its open transaction, which releases the locks.
std::string settings_for(milliseconds statement_timeout, Connection::Plans plans) {
  const auto ms = [](milliseconds time) { return std::to_string(std::max<std::int64_t>(1, time.count())); };
  std::string sql =
      fmt::format("SELECT {}, {}, {}, {}", set("statement_timeout", ms(statement_timeout)),
                  set("lock_timeout", ms(statement_timeout * 4 / 5)),
                  set("idle_in_transaction_session_timeout", ms(statement_timeout * 2)), set("jit", "off"));
  if (plans == Connection::Plans::by_cost) return sql + ", " + set("enable_seqscan", "off");
  for (const PlannerSetting& setting : kByIndex) sql += ", " + set(setting.name, setting.value);
  return sql;
}

}  // namespace

Connection::Connection(const PostgresOptions& options, Address address, Plans plans)
    : connector_(std::move(address), options.silent_hosts),
      application_name_(options.application_name),
      statement_timeout_(options.statement_timeout),
      connect_timeout_(std::min(options.connect_timeout, options.statement_timeout)),
      plans_(plans),
      by_index_(settings_for(options.statement_timeout, Plans::by_index)),
      by_cost_(settings_for(options.statement_timeout, Plans::by_cost)) {}

Result<std::unique_ptr<Connection>> Connection::open(const PostgresOptions& options, Plans plans) {
  auto address = read_address(options.url);
  if (!address) return error_of(address);
  if (options.session_lock_timeout.count() > 0) {
    const std::string setting = "-c lock_timeout=" + std::to_string(options.session_lock_timeout.count());
    const auto given = std::find_if(address->parameters.begin(), address->parameters.end(),
                                    [](const auto& parameter) { return parameter.first == "options"; });
    if (given == address->parameters.end()) {
      address->parameters.emplace_back("options", setting);
    } else {
      given->second += " " + setting;
    }
  }
  std::unique_ptr<Connection> opened(new Connection(options, std::move(*address), plans));
  if (auto connected = opened->ready(); !connected) return error_of(connected);
  return opened;
}

Result<void> Connection::ready() {
  if (link_ && connector_.doubts_peer()) link_.reset();
  if (link_) link_->look();
  if (link_ && link_->usable()) return {};
  link_.reset();
  const auto now = steady_clock::now();
  if (now < next_attempt_) {
    return fail(ErrorKind::unavailable, fmt::format("{} (the next attempt is in {} ms)", last_failure_,
                                                    std::chrono::ceil<milliseconds>(next_attempt_ - now).count()));
  }
  auto connected = connector_.connect(application_name_, now + connect_timeout_);
  if (!connected) {
    last_failure_ = connected.error().message;
    last_sqlstate_ = SqlState::none;
    stand_back();
    return error_of(connected);
  }
  link_ = std::move(*connected);
  return {};
}

void Connection::stand_back() {
  next_attempt_ = steady_clock::now() + backoff_.next();
}

Deadline Connection::deadline() const {
  return steady_clock::now() + statement_timeout_ + kGrace;
}

Result<std::vector<Rows>> Connection::run(const std::vector<Step>& steps) {
  auto rows = link_->exchange(steps, naming_, deadline());
  if (rows) {
    backoff_.reset();
  } else {
    note(rows.error());
  }
  return rows;
}

void Connection::note(const Error& error) {
  last_sqlstate_ = link_->last_sqlstate();
  if (says_sessions_are_shared(link_->last_sqlstate())) sessions_shared_ = true;
  if (link_->usable()) return;
  last_failure_ = error.message;
  if (link_->is_silent()) connector_.peer_is_silent();
  // A host that did not answer is not tried again for a moment. A host that gave a reason (a restart, a failover) may
  // be tried again at once, and so may another host.
  if (link_->last_sqlstate() == SqlState::none && !connector_.has_others()) stand_back();
}

Result<std::vector<Rows>> Connection::read(std::vector<Step> steps, Plans plans) {
  steps.insert(steps.begin(), {Step{kBeginRead, {}}, Step{settings(plans), {}}});
  steps.push_back({kCommit, {}});
  for (;;) {
    if (auto connected = ready(); !connected) return error_of(connected);
    auto rows = run(steps);
    if (rows) {
      rows->pop_back();
      rows->erase(rows->begin(), rows->begin() + 2);
      return rows;
    }
    roll_back();
    if (!forget_names()) return rows;
  }
}

Result<Rows> Connection::alone(std::string_view sql) {
  if (auto connected = ready(); !connected) return error_of(connected);
  auto rows = run({Step{sql, {}, Keep::never}});
  if (!rows) {
    roll_back();
    return error_of(rows);
  }
  return std::move(rows->front());
}

Result<std::vector<Rows>> Connection::exchange(std::vector<Step> steps) {
  if (begun_) return run(steps);
  if (auto connected = ready(); !connected) return error_of(connected);
  begun_ = true;
  steps.insert(steps.begin(),
               {Step{access_ == Access::read ? kBeginRead : kBeginWrite, {}}, Step{settings(plans_), {}}});
  auto rows = run(steps);
  if (rows) rows->erase(rows->begin(), rows->begin() + 2);
  return rows;
}

Result<void> Connection::copy(const std::string& sql, std::string_view data) {
  auto done = link_->copy(sql, data, deadline());
  if (!done) note(done.error());
  return done;
}

Result<std::vector<Rows>> Connection::finish(std::vector<Step> steps) {
  steps.push_back({kCommit, {}});
  auto rows = exchange(std::move(steps));
  if (!rows) {
    const bool is_unknown = access_ == Access::write && (!link_ || !link_->usable());
    if (is_unknown) rows.error().message += "; whether the change was made is unknown";
    return rows;
  }
  rows->pop_back();
  begun_ = false;
  return rows;
}

Result<void> Connection::commit() {
  if (auto committed = finish({}); !committed) return error_of(committed);
  return {};
}

void Connection::roll_back() {
  begun_ = false;
  if (!link_) return;
  if (link_->usable() && link_->in_transaction()) {
    const std::vector<Step> steps{{kRollback, {}}};
    if (!link_->exchange(steps, Naming::unnamed, steady_clock::now() + kRollbackPatience)) link_.reset();
    return;
  }
  if (!link_->usable()) link_.reset();
}

bool Connection::forget_names() {
  const bool again = sessions_shared_ && naming_ == Naming::named;
  if (again) naming_ = Naming::unnamed;
  return again;
}

}  // namespace nx::store::postgres
