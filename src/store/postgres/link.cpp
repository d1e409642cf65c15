#include "store/postgres/link.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <poll.h>

#include <fmt/core.h>

#include "crypto/digest.hpp"
#include "model/hex.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::size_t kCopyChunk = 256 * 1024;  // bytes passed to libpq at once

/// The lines of libpq's message that say what happened, without the server's details, which may quote data.
std::string first_lines(const char* message) {
  std::string kept;
  for (std::string_view rest = message == nullptr ? "" : message; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const bool detail = line.empty() || line.front() == '\t' || line.starts_with("DETAIL") ||
                        line.starts_with("CONTEXT") || line.starts_with("LOCATION") || line.starts_with("HINT");
    if (!detail) kept.append(kept.empty() ? "" : "; ").append(line);
  }
  return kept.empty() ? "no reason given" : kept;
}

std::string statement_name(std::string_view sql) {
  const auto digest = crypto::sha256(sql);
  std::string name = "signal_";
  for (std::size_t i = 0; i < 12; ++i) append_hex(name, digest[i]);
  return name;
}

}  // namespace

Result<std::unique_ptr<Link>> Link::connect(const ConnectTarget& target, const std::string& application_name,
                                            Deadline deadline) {
  // In ascending order of precedence: the URL overrides our defaults. With keepalives the kernel also notices a peer
  // that vanished, so that the server ends its side of an abandoned link.
  std::vector<const char*> keywords{"keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
                                    "fallback_application_name"};
  std::vector<const char*> values{"30", "10", "3", "30000", application_name.c_str()};
  const auto say = [&](const char* keyword, const std::string& value) {
    keywords.push_back(keyword);
    values.push_back(value.c_str());
  };
  for (const auto& [keyword, value] : target.parameters) say(keyword.c_str(), value);
  say("host", target.host);
  say("hostaddr", target.address);
  say("port", target.port);
  say("target_session_attrs", target.wanted);
  const std::string utf8 = "UTF8";
  say("client_encoding", utf8);
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<Link> link(new Link(PQconnectStartParams(keywords.data(), values.data(), 0), target.label));
  if (!link->handle_) throw std::bad_alloc();
  if (auto done = link->log_in(deadline); !done) return error_of(done);
  return link;
}

Result<void> Link::log_in(Deadline deadline) {
  PGconn* handle = handle_.get();
  PQsetNoticeProcessor(
      handle, [](void*, const char*) {}, nullptr);  // the default writes to stderr
  PQsetErrorVerbosity(handle, PQERRORS_VERBOSE);    // adds the SQLSTATE to the messages
  for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
    if (PQstatus(handle) == CONNECTION_BAD || state == PGRES_POLLING_FAILED) return lost();
    if (auto ready = wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline); !ready) return ready;
    state = PQconnectPoll(handle);
  }
  if (PQsetnonblocking(handle, 1) != 0 || PQenterPipelineMode(handle) != 1) return lost();
  return {};
}

Result<std::vector<Rows>> Link::exchange(std::span<const Step> steps, Naming naming, Deadline deadline) {
  last_sqlstate_ = SqlState::none;
  std::vector<Statement*> prepares(steps.size(), nullptr);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Naming how = keeps(steps[i]) ? naming : Naming::unnamed;
    if (how == Naming::named) {
      const auto known = statements_.size();
      Statement& statement = statements_[std::string{steps[i].sql}];
      if (statements_.size() > known && steps[i].keep == Keep::while_few) ++few_;
      if (!statement.prepared) {
        statement.name = statement_name(steps[i].sql);
        // If a text occurs twice in one round trip, it is prepared once.
        if (std::find(prepares.begin(), prepares.end(), &statement) == prepares.end()) {
          prepares[i] = &statement;
          if (!prepare(steps[i], statement.name)) return lost();
        }
      }
    }
    if (!send(steps[i], how)) return lost();
  }
  if (PQpipelineSync(handle_.get()) != 1) return lost();

  std::vector<Rows> rows;
  std::optional<Error> problem;
  const auto finish = [&]() -> std::optional<Rows> {
    auto done = finish_statement(deadline);
    if (done) return std::move(*done);
    if (!problem) problem = std::move(done.error());
    return std::nullopt;
  };
  for (Statement* prepared : prepares) {
    if (prepared != nullptr && finish()) prepared->prepared = true;
    if (!usable()) break;
    if (auto done = finish()) rows.push_back(std::move(*done));
    if (!usable()) break;
  }
  if (usable()) {
    const auto sync = next(deadline);
    if (!sync && !problem) problem = sync.error();
  }
  if (problem) return tl::unexpected<Error>(std::move(*problem));
  return rows;
}

bool Link::keeps(const Step& step) const {
  if (step.keep != Keep::while_few) return step.keep == Keep::always;
  return few_ < kFewStatements || statements_.contains(std::string{step.sql});
}

bool Link::prepare(const Step& step, const std::string& name) {
  return PQsendPrepare(handle_.get(), name.c_str(), std::string{step.sql}.c_str(), static_cast<int>(step.values.size()),
                       step.values.types().data()) == 1;
}

bool Link::send(const Step& step, Naming naming) {
  PGconn* handle = handle_.get();
  const int count = static_cast<int>(step.values.size());
  const std::string sql{step.sql};
  const auto pointers = step.values.pointers();
  const auto lengths = step.values.lengths();
  const std::vector<int> formats(pointers.size(), 1);
  if (naming == Naming::unnamed) {
    return PQsendQueryParams(handle, sql.c_str(), count, step.values.types().data(), pointers.data(), lengths.data(),
                             formats.data(), 1) == 1;
  }
  return PQsendQueryPrepared(handle, statements_[sql].name.c_str(), count, pointers.data(), lengths.data(),
                             formats.data(), 1) == 1;
}

Result<void> Link::copy(const std::string& sql, std::string_view data, Deadline deadline) {
  last_sqlstate_ = SqlState::none;
  PGconn* handle = handle_.get();
  if (PQexitPipelineMode(handle) != 1 || PQsendQuery(handle, sql.c_str()) != 1) return lost();
  const auto begun = next(deadline);
  if (!begun) return error_of(begun);
  Result<void> outcome;
  if (*begun && PQresultStatus(begun->get()) == PGRES_COPY_IN) {
    while (!data.empty()) {
      const std::string_view chunk = data.substr(0, kCopyChunk);
      data.remove_prefix(chunk.size());
      int taken = 0;
      while ((taken = PQputCopyData(handle, chunk.data(), static_cast<int>(chunk.size()))) == 0) {
        if (auto ready = wait(POLLOUT, deadline); !ready) return ready;
      }
      if (taken < 0) return lost();
    }
    if (PQputCopyEnd(handle, nullptr) != 1) return lost();
    if (auto done = finish_statement(deadline); !done) outcome = tl::unexpected<Error>(done.error());
  } else {
    outcome = *begun ? Result<void>(refused(**begun)) : Result<void>(lost("no answer to COPY"));
    if (usable()) {
      if (auto end = next(deadline); !end) return error_of(end);
    }
  }
  if (usable() && PQenterPipelineMode(handle) != 1) return lost();
  return outcome;
}

Result<Rows> Link::finish_statement(Deadline deadline) {
  auto result = next(deadline);
  if (!result) return error_of(result);
  if (!*result) return lost("an answer without a result");
  Result<Rows> outcome = Rows();
  switch (PQresultStatus(result->get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      outcome = Rows(std::move(*result));
      break;
    case PGRES_PIPELINE_ABORTED:
      outcome = fail(ErrorKind::unavailable, label_ + ": not run, a statement before it failed");
      break;
    default:
      outcome = refused(**result);
      break;
  }
  if (!usable()) return outcome;
  for (;;) {
    const auto end = next(deadline);
    if (!end && outcome) return error_of(end);
    if (!end || !*end) return outcome;
  }
}

Result<ResultHandle> Link::next(Deadline deadline) {
  if (auto arrived = drain(deadline); !arrived) return error_of(arrived);
  return ResultHandle(PQgetResult(handle_.get()));
}

Result<void> Link::drain(Deadline deadline) {
  for (;;) {
    const int unsent = PQflush(handle_.get());  // after a failure to send, the server's reason can still be read
    if (PQisBusy(handle_.get()) == 0) return {};
    if (auto ready = wait(static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN), deadline); !ready) return ready;
    if (PQconsumeInput(handle_.get()) != 1 && PQisBusy(handle_.get()) != 0) {
      return lost();
    }
  }
}

Result<void> Link::wait(short events, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd socket{PQsocket(handle_.get()), events, 0};
    const int ready = left.count() < 0 ? 0 : ::poll(&socket, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready == 0) {
      silent_ = true;
      return lost("does not answer in time");
    }
    if (errno != EINTR) return lost("poll failed");
  }
}

void Link::look() {
  for (int i = 0; usable() && i < 4; ++i) {
    pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
    if (::poll(&socket, 1, 0) <= 0) return;
    if (PQconsumeInput(handle_.get()) != 1 || PQstatus(handle_.get()) == CONNECTION_BAD) broken_ = true;
    PQisBusy(handle_.get());  // consumes notices and changed settings from the input
  }
}

tl::unexpected<Error> Link::refused(const PGresult& result) {
  const ServerError error = read_error(result);
  last_sqlstate_ = error.state;
  if (PQstatus(handle_.get()) == CONNECTION_BAD || ends_session(last_sqlstate_)) broken_ = true;
  if (last_sqlstate_ == SqlState::none) return lost(first_lines(PQresultErrorMessage(&result)));
  return fail(kind_of(error), fmt::format("{}: {} (SQLSTATE {})", label_, error.message, error.code));
}

tl::unexpected<Error> Link::lost() {
  return lost(first_lines(PQerrorMessage(handle_.get())));
}

tl::unexpected<Error> Link::lost(std::string reason) {
  broken_ = true;
  return fail(ErrorKind::unavailable, fmt::format("{}: {}", label_, reason));
}

}  // namespace nx::store::postgres
