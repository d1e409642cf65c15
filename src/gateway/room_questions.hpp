#pragma once
// Asks the database which rooms one client may be in, when it joins and after it has refreshed its token. Without an
// answer it joins no room, and it stays in its rooms for a few periods (session::kRoomPeriods). Home thread only.

#include <string>
#include <vector>

#include "gateway/open_questions.hpp"
#include "gateway/room_reports.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"
#include "session/client_connection.hpp"
#include "session/lookups.hpp"

namespace nx::gateway {

class WsConnection;

class RoomQuestions {
 public:
  /// The references are borrowed.
  RoomQuestions(const Slots<WsConnection>& sessions, runtime::EventLoop& loop, const session::Lookups& lookups,
                RoomReports& reports, OpenQuestions& questions)
      : sessions_(sessions), loop_(loop), lookups_(lookups), reports_(reports), questions_(questions) {}

  /// The session gets the answer in a later turn, unless it has ended by then.
  void ask(const WsConnection& connection, std::vector<RoomName> rooms, session::RoomsUse use);

 private:
  using Answer = Result<std::vector<std::vector<RoomName>>>;
  void answered(fanout::SlotKey client, const std::vector<RoomName>& asked, session::RoomsUse use,
                const Answer& answer);

  const Slots<WsConnection>& sessions_;
  runtime::EventLoop& loop_;
  const session::Lookups& lookups_;
  RoomReports& reports_;
  OpenQuestions& questions_;
};

}  // namespace nx::gateway
