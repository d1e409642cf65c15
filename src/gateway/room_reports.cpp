#include "gateway/room_reports.hpp"

#include <cstdint>

namespace nx::gateway {

void RoomReports::left_out(std::size_t rooms, std::string_view why) {
  counters_.rooms_left_out.add(rooms);
  if (std::int64_t suppressed = 0; context_.left_out_gate.pass(suppressed)) {
    context_.log.warn("rooms left out of a join", {{"reason", why}, {"suppressed", suppressed}});
  }
}

void RoomReports::unchecked(std::size_t clients, const std::string& why) {
  counters_.room_checks_failed.add(clients);
  failure_ = why;
  if (std::int64_t suppressed = 0; context_.unchecked_gate.pass(suppressed)) {
    context_.log.warn("room membership not checked",
                      {{"clients", clients}, {"reason", why}, {"suppressed", suppressed}});
  }
}

void RoomReports::closed(std::size_t rooms) {
  counters_.rooms_closed.add(rooms);
  if (std::int64_t suppressed = 0; context_.closed_rooms_gate.pass(suppressed)) {
    context_.log.error(
        "rooms closed: membership not confirmed in time",
        {{"rooms", rooms}, {"reason", failure_.empty() ? "no answer" : failure_}, {"suppressed", suppressed}});
  }
}

}  // namespace nx::gateway
