// The shard's part in admission: closing connections to make room, and the log lines about it.

#include <utility>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

std::string_view reason(Yield why) {
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

AddressRule GatewayContext::address_rule(const transport::IpAddress& peer) const {
  const bool balancer = peer.is_loopback_or_private() || transport::contains(trusted_proxies, peer);
  return balancer ? AddressRule::exempt : AddressRule::counted;
}

void Shard::yield_later(fanout::SlotKey key, bool upgraded, Yield why) {
  loop_.post([this, key, upgraded, why] {
    WsConnection* const session = upgraded ? sessions_.find(key) : nullptr;
    HttpConnection* const request = upgraded ? nullptr : requests_.find(key);
    if (session == nullptr && request == nullptr) return;
    if (std::int64_t suppressed = 0; context_.yielded_gate.pass(suppressed)) {
      const transport::IpAddress& peer = session != nullptr ? session->address() : request->peer();
      log().warn("connection closed to make room for another",
                 {{"peer", peer.text()}, {"limit", reason(why)}, {"suppressed", suppressed}});
    }
    if (session != nullptr) session->yield();
    if (request != nullptr) request->finish();
  });
}

void Shard::report_refused(int status, std::string_view why, const transport::IpAddress& client) {
  counters_.refusals.add(status);
  if (std::int64_t suppressed = 0; context_.refused_gate.pass(suppressed)) {
    log().warn("connection refused",
               {{"peer", client.text()}, {"status", status}, {"reason", why}, {"suppressed", suppressed}});
  }
}

void Shard::report_dropped(Dropped reason, std::string_view detail, const transport::IpAddress& client) {
  counters_.drops.add(reason);
  if (std::int64_t suppressed = 0; context_.dropped_gate.pass(suppressed)) {
    log().warn("connection dropped", {{"peer", client.text()},
                                      {"reason", kDroppedNames[static_cast<std::size_t>(reason)]},
                                      {"detail", detail},
                                      {"suppressed", suppressed}});
  }
}

}  // namespace nx::gateway
