#pragma once
// Questions of operators about the clients of one shard. The shard examines a few of its connections in each turn and
// then adds its part to the query. Home thread only, except run() and run_at().

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "gateway/client_query.hpp"
#include "gateway/push_log.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"

namespace nx::gateway {

class ClientQueries {
 public:
  /// The references are borrowed.
  ClientQueries(const Slots<WsConnection>& sessions, const PushLog& push_log, runtime::EventLoop& loop)
      : sessions_(sessions), push_log_(push_log), loop_(loop) {}

  /// Any thread: examines all connections over several turns. The caller bounds the number of queries.
  void run(std::shared_ptr<ClientQuery> query);
  /// Any thread: examines the connection in one slot.
  void run_at(std::uint32_t slot, std::shared_ptr<ClientQuery> query);

  /// Examines the next connections for the first query. Returns false when there is no query.
  bool step();
  /// Drops the queries in progress and ignores run() from now on.
  void stop();

 private:
  struct Running {
    std::shared_ptr<ClientQuery> query;
    std::size_t slot;  // the next slot to examine
    ClientSelection selection;
  };

  const Slots<WsConnection>& sessions_;
  const PushLog& push_log_;
  runtime::EventLoop& loop_;
  std::deque<Running> running_;
  bool stopped_ = false;
};

}  // namespace nx::gateway
