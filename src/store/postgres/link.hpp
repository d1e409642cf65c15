#pragma once
// One libpq connection in non-blocking mode. Every call ends by its deadline, whatever the server or the network does.
// Used by one thread at a time.

#include <chrono>
#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/keyed_hash.hpp"
#include "model/result.hpp"
#include "store/postgres/parameters.hpp"
#include "store/postgres/rows.hpp"
#include "store/postgres/sqlstate.hpp"

namespace nx::store::postgres {

using Deadline = std::chrono::steady_clock::time_point;

/// Whether a session keeps a statement and its plan under a name. A session keeps at most kFewStatements of those
/// marked while_few, because each uses about ten KiB of the server's memory.
enum class Keep : std::uint8_t { always, while_few, never };
inline constexpr std::size_t kFewStatements = 128;

struct Step {
  std::string_view sql;  // must outlive the call
  Parameters values;
  Keep keep = Keep::always;
};

/// Whether a session prepares each statement once under a name, or sends it unnamed each time.
enum class Naming { named, unnamed };

/// One server at one address. Empty members are left to libpq.
struct ConnectTarget {
  const std::vector<std::pair<std::string, std::string>>& parameters;
  std::string host, address, port;
  std::string wanted;  // target_session_attrs
  std::string label;   // for messages
};

class Link {
 public:
  static Result<std::unique_ptr<Link>> connect(const ConnectTarget& target, const std::string& application_name,
                                               Deadline deadline);

  /// All steps in one round trip, in order; the first failure ends them. Returns the rows of each step.
  Result<std::vector<Rows>> exchange(std::span<const Step> steps, Naming naming, Deadline deadline);

  /// COPY … FROM STDIN of `data` in one go.
  Result<void> copy(const std::string& sql, std::string_view data, Deadline deadline);

  /// False after the link broke or a deadline passed: a late answer could be taken for the answer to a later call.
  bool usable() const { return !broken_; }
  /// Whether the server did not answer by the deadline.
  bool is_silent() const { return silent_; }
  bool in_transaction() const { return PQtransactionStatus(handle_.get()) != PQTRANS_IDLE; }

  /// Checks whether the server has ended an idle session. Does not wait.
  void look();

  /// The SQLSTATE of the last error; none if the server did not report it.
  SqlState last_sqlstate() const { return last_sqlstate_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  struct Statement {
    std::string name;
    bool prepared = false;  // in this session
  };

  Link(PGconn* handle, std::string label) : handle_(handle), label_(std::move(label)) {}
  Result<void> log_in(Deadline deadline);
  bool keeps(const Step& step) const;
  bool send(const Step& step, Naming naming);
  bool prepare(const Step& step, const std::string& name);
  Result<void> wait(short events, Deadline deadline);
  Result<void> drain(Deadline deadline);         // up to the next result
  Result<ResultHandle> next(Deadline deadline);  // null: the end of a statement's results
  Result<Rows> finish_statement(Deadline deadline);
  tl::unexpected<Error> refused(const PGresult& result);
  tl::unexpected<Error> lost(std::string reason);
  tl::unexpected<Error> lost();  // for the reason that libpq gives

  std::unique_ptr<PGconn, Finish> handle_;
  std::string label_;
  KeyedMap<std::string, Statement> statements_;  // by SQL text
  std::size_t few_ = 0;                          // number of statements kept as while_few
  SqlState last_sqlstate_ = SqlState::none;
  bool broken_ = false;
  bool silent_ = false;
};

}  // namespace nx::store::postgres
