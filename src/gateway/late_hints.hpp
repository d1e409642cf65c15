#pragma once
// After a gap of the bus: sends the clients of one shard the hints of notifications that were stored meanwhile, because
// hints of other instances were lost. One round visits all slots in pieces; the shards of a gateway ask one question at
// a time, and the next one when its answer is sent. Home thread only.

#include <cstddef>
#include <optional>
#include <string_view>
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

  /// Begins a round about notifications that were stored at `since` or later. A round in progress continues at its
  /// slot, visits all of them, and takes the earlier of both times.
  void begin(EpochMs since);
  /// Sends one client its hints, or examines the next slots. Returns the bytes sealed, or std::nullopt when there is
  /// nothing to do now.
  std::optional<std::size_t> step();
  /// The next step() seals frames.
  bool has_answer() const { return !answer_.empty(); }

 private:
  using Answer = Result<std::vector<std::vector<session::RecentHint>>>;
  struct Asker {
    fanout::SlotKey key;
    std::size_t visited_before;  // slots of the same piece
  };
  std::vector<UserId> examine();
  void ask(std::vector<UserId> users);
  void answered(Answer answer);
  void failed(std::string_view why);
  void return_to(const Asker& asker);
  void finish();
  std::size_t push_next();
  std::size_t push(WsConnection& connection, const std::vector<session::RecentHint>& hints);

  const Slots<WsConnection>& sessions_;
  runtime::EventLoop& loop_;
  GatewayContext& context_;
  PushLog& push_log_;
  ShardCounters& counters_;
  OpenQuestions& questions_;
  EpochMs since_;
  std::size_t slot_ = 0;     // the next slot to examine
  std::size_t left_ = 0;     // slots to examine until the round ends
  std::size_t visited_ = 0;  // slots of the last question
  std::vector<Asker> askers_;
  bool asked_ = false;  // the last question is unanswered, or its answer is not sent
  std::vector<std::vector<session::RecentHint>> answer_;
  std::size_t next_ = 0;            // the next one of the answer to send
  runtime::SteadyTime not_before_;  // after a failed question
  std::optional<runtime::SteadyTime> failing_since_;
};

}  // namespace nx::gateway
