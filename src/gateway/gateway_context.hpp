#pragma once
// Objects that the acceptor and all shards of one gateway share. The gateway owns them, and they outlive the shards.
// Any thread, unless a member says otherwise.

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "auth/authenticator.hpp"
#include "fanout/connection_location.hpp"
#include "fanout/shards.hpp"
#include "gateway/admission.hpp"
#include "gateway/gateway.hpp"
#include "gateway/origin_policy.hpp"
#include "gateway/queue_ledger.hpp"
#include "observe/log.hpp"
#include "session/close_code.hpp"
#include "session/lookups.hpp"
#include "transport/cidr.hpp"
#include "transport/http_message.hpp"
#include "transport/tls_context.hpp"

namespace nx::gateway {

class Shard;

struct GatewayContext {
  GatewayOptions options;
  std::vector<transport::Cidr> trusted_proxies;
  OriginPolicy origin_policy;
  std::unique_ptr<transport::TlsSource> tls;  // null: plain TCP
  std::shared_ptr<Admission> admission;       // of the whole process
  QueueLedger ledger;
  auth::Authenticator& authenticator;
  session::Lookups lookups;
  transport::HttpHandler handler;
  const observe::Logger& log;
  fanout::Shards fanout_shards;
  std::vector<std::shared_ptr<Shard>> shards;  // filled before the first of them is started
  // false from the shutdown on: HTTP connections are closed after their answer
  std::atomic<bool> keeps_connections{true};
  observe::LogGate refused_gate{}, yielded_gate{}, dropped_gate{}, left_out_gate{}, closed_rooms_gate{},
      unchecked_gate{}, missed_gate{}, acks_gate{}, late_hints_gate{};
  std::atomic<bool> late_hints_asked{false};  // a shard asks about recent hints or sends an answer: one at a time

  /// Connections of a balancer's own address do not count against the limit of one address.
  AddressRule address_rule(const transport::IpAddress& peer) const;
  /// Closes a client of any shard to make room for another one.
  void close_later(const fanout::ConnectionLocation& client, const session::Closing& closing);
  /// Makes the fullest connections of that shard release memory.
  void release_memory_of(std::uint32_t shard);
};

}  // namespace nx::gateway
