#include "gateway/session_registry.hpp"

#include <atomic>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

SessionRegistry& SessionRegistry::of(const WsConnection& connection) {
  return connection.registry();
}

SessionRegistry::Registration SessionRegistry::add(const WsConnection& connection) {
  const session::Session& session = connection.session();
  counters_.handshakes.add();
  counters_.open.fetch_add(1, std::memory_order_relaxed);
  fanout::Presence& presence = context_.fanout_shards.presence();
  presence.count_open(shard_, 1);
  const auto evicted = presence.add_user(session.user().id, {connection.key(), shard_}, session.last_received(),
                                         context_.options.max_connections_per_user);
  if (evicted) context_.close_later(*evicted, session::kTooManyConnections);
  return Registration(connection);
}

void SessionRegistry::remove(const WsConnection& connection) {
  counters_.open.fetch_sub(1, std::memory_order_relaxed);
  fanout::Presence& presence = context_.fanout_shards.presence();
  presence.count_open(shard_, -1);
  presence.remove_user(connection.session().user().id, {connection.key(), shard_});
  for (const RoomName& room : connection.session().rooms().joined()) rooms_.leave(room, connection.key());
}

SessionRegistry::Subscription SessionRegistry::subscribe(const WsConnection& connection, const UserId& user) {
  const session::BusSubscriptions& subscriptions = context_.lookups.subscriptions;
  if (!subscriptions.subscribe) return {};
  subscriptions.subscribe(user, {uuid_text(connection.session().id())}, loop_, [this, key = connection.key()] {
    WsConnection* const waiting = sessions_.find(key);
    if (waiting == nullptr) return;
    waiting->session().on_subscribed();
    waiting->answered();
  });
  return Subscription(connection);
}

void SessionRegistry::unsubscribe(const WsConnection& connection) {
  const session::Session& session = connection.session();
  context_.lookups.subscriptions.unsubscribe(session.user().id, {uuid_text(session.id())});
}

}  // namespace nx::gateway
