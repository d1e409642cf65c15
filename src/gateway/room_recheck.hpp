#pragma once
// Asks the database again, in every period (SessionOptions::room_check_interval), which of the clients of one shard may
// still be in their rooms. One round visits all slots in pieces, one question at a time, so that neither the
// database nor the loop has to process all rooms at once. Home thread only.

#include <cstddef>
#include <vector>

#include "fanout/connection_location.hpp"
#include "gateway/open_questions.hpp"
#include "gateway/room_reports.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"
#include "session/lookups.hpp"

namespace nx::gateway {

class WsConnection;

class RoomRecheck {
 public:
  /// The references are borrowed.
  RoomRecheck(const Slots<WsConnection>& sessions, runtime::EventLoop& loop, const session::Lookups& lookups,
              RoomReports& reports, OpenQuestions& questions)
      : sessions_(sessions), loop_(loop), lookups_(lookups), reports_(reports), questions_(questions) {}

  /// Called every period. When a round is still in progress, the next one begins as soon as it ends.
  void begin();
  /// Examines the next slots. Returns false when there is nothing to do.
  bool step();

 private:
  using Answer = Result<std::vector<std::vector<RoomName>>>;
  void ask(std::vector<session::RoomsQuestion> questions, std::vector<fanout::SlotKey> askers);
  void answered(const std::vector<session::RoomsQuestion>& asked, const std::vector<fanout::SlotKey>& askers,
                const Answer& answer);

  const Slots<WsConnection>& sessions_;
  runtime::EventLoop& loop_;
  const session::Lookups& lookups_;
  RoomReports& reports_;
  OpenQuestions& questions_;
  std::size_t slot_ = 0;  // the next slot to examine
  bool running_ = false;  // a round is in progress
  bool due_ = false;      // the next round is overdue
  bool asked_ = false;    // the latest question of the round is unanswered
};

}  // namespace nx::gateway
