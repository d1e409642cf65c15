#pragma once
// After a gap of the bus: sends the clients of one shard the hints of notifications that were stored meanwhile, because
// hints of other instances were lost. One round visits all slots in pieces, one question at a time. Home thread only.

#include <cstddef>
#include <vector>

#include "fanout/connection_location.hpp"
#include "gateway/gateway_context.hpp"
#include "gateway/open_questions.hpp"
#include "gateway/push_log.hpp"
#include "gateway/shard_counters.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"

namespace nx::gateway {

class WsConnection;

class LateHints {
 public:
  /// The references are borrowed.
  LateHints(const Slots<WsConnection>& sessions, runtime::EventLoop& loop, GatewayContext& context, PushLog& push_log,
            ShardCounters& counters, OpenQuestions& questions)
      : sessions_(sessions),
        loop_(loop),
        context_(context),
        push_log_(push_log),
        counters_(counters),
        questions_(questions) {}

  /// Begins a round about notifications that were stored at `since` or later. A round in progress begins again, from
  /// the earlier of both times.
  void begin(EpochMs since);
  /// Examines the next slots. Returns false when there is nothing to do.
  bool step();

 private:
  using Answer = Result<std::vector<std::vector<session::RecentHint>>>;
  void ask(std::vector<UserId> users, std::vector<fanout::SlotKey> askers);
  void answered(const std::vector<fanout::SlotKey>& askers, const Answer& answer);
  void push(WsConnection& connection, const std::vector<session::RecentHint>& hints);

  const Slots<WsConnection>& sessions_;
  runtime::EventLoop& loop_;
  GatewayContext& context_;
  PushLog& push_log_;
  ShardCounters& counters_;
  OpenQuestions& questions_;
  EpochMs since_;
  std::size_t slot_ = 0;  // the next slot to examine
  bool running_ = false;  // a round is in progress
  bool asked_ = false;    // the last question is unanswered
};

}  // namespace nx::gateway
