#pragma once
// The catch-ups of the clients of one shard: pages that are to be read from the database, pages that were read, and
// clients to which all queued rows of a page have been sent. A page may have megabytes, so the number of
// pages that are requested or not yet processed is bounded, and a turn processes one at a time. Home thread only.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "fanout/connection_location.hpp"
#include "gateway/gateway_context.hpp"
#include "gateway/open_questions.hpp"
#include "gateway/shard_counters.hpp"
#include "gateway/turn_queue.hpp"
#include "session/lookups.hpp"

namespace nx::gateway {

class WsConnection;

class CatchUpQueue {
 public:
  /// The references are borrowed.
  CatchUpQueue(const Slots<WsConnection>& sessions, runtime::EventLoop& loop, GatewayContext& context,
               ShardCounters& counters, OpenQuestions& questions)
      : sessions_(sessions),
        loop_(loop),
        context_(context),
        counters_(counters),
        questions_(questions),
        drained_(sessions, loop) {}

  /// Asks for the rows of the client's user after `since`.
  void ask(fanout::SlotKey client, std::int64_t since, std::size_t limit);
  /// Everything queued for the client was sent: its catch-up may queue more. Calls WsConnection::drained() later.
  void continue_later(fanout::SlotKey client) { drained_.add(client); }

  /// Asks the database for more pages where the bounds allow that, and continues one catch-up. Returns false when none
  /// could be continued.
  bool step();
  /// Drops the questions that were not sent to the database.
  void clear() { to_ask_.clear(); }

 private:
  struct Question {
    fanout::SlotKey client;
    std::int64_t since;
    std::size_t limit;
  };
  struct Answer {
    fanout::SlotKey client;
    Result<session::MissedHints> page;
  };
  void ask_more();
  void process(Answer answer);
  void count_unanswered(std::string_view why);

  const Slots<WsConnection>& sessions_;
  runtime::EventLoop& loop_;
  GatewayContext& context_;
  ShardCounters& counters_;
  OpenQuestions& questions_;
  std::deque<Question> to_ask_;
  std::deque<Answer> answers_;
  std::size_t in_flight_ = 0;  // questions sent whose answers are not processed yet
  TurnQueue<WsConnection> drained_;
};

}  // namespace nx::gateway
