#include "gateway/gateway_context.hpp"

#include "gateway/shard.hpp"

namespace nx::gateway {

AddressRule GatewayContext::address_rule(const transport::IpAddress& peer) const {
  const bool balancer = peer.is_loopback_or_private() || transport::contains(trusted_proxies, peer);
  return balancer ? AddressRule::exempt : AddressRule::counted;
}

void GatewayContext::close_later(const fanout::ConnectionLocation& client, const session::Closing& closing) {
  shards[client.shard]->close_later(client.key, closing);
}

void GatewayContext::release_memory_of(std::uint32_t shard) {
  shards[shard]->release_memory_later();
}

}  // namespace nx::gateway
