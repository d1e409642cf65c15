#include "gateway/connection_reports.hpp"

#include <cstdint>

namespace nx::gateway {

namespace {

std::string_view limit_of(Yield why) {
  switch (why) {
    case Yield::for_connection:
      return "connections";
    case Yield::for_request:
      return "connections without upgrade";
    case Yield::for_handshake:
      return "handshakes";
    case Yield::for_guest:
      return "connections over the limit";
  }
  return {};
}

}  // namespace

void ConnectionReports::refused(int status, std::string_view why, const transport::IpAddress& client) {
  counters_.refusals.add(status);
  if (std::int64_t suppressed = 0; context_.refused_gate.pass(suppressed)) {
    context_.log.warn("connection refused",
                      {{"peer", client.text()}, {"status", status}, {"reason", why}, {"suppressed", suppressed}});
  }
}

void ConnectionReports::dropped(Dropped reason, std::string_view detail, const transport::IpAddress& client) {
  counters_.drops.add(reason);
  if (std::int64_t suppressed = 0; context_.dropped_gate.pass(suppressed)) {
    context_.log.warn("connection dropped", {{"peer", client.text()},
                                             {"reason", kDroppedNames[static_cast<std::size_t>(reason)]},
                                             {"detail", detail},
                                             {"suppressed", suppressed}});
  }
}

void ConnectionReports::yielded(Yield why, const transport::IpAddress& peer) {
  if (std::int64_t suppressed = 0; context_.yielded_gate.pass(suppressed)) {
    context_.log.warn("connection closed to make room for another",
                      {{"peer", peer.text()}, {"limit", limit_of(why)}, {"suppressed", suppressed}});
  }
}

}  // namespace nx::gateway
