#include "gateway/connections.hpp"

#include <atomic>
#include <system_error>
#include <utility>

#include "crypto/random.hpp"
#include "gateway/http_connection.hpp"
#include "gateway/shard_parts.hpp"
#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

constexpr int kSendBufferBytes = 128 * 1024;  // SO_SNDBUF: bounds what the kernel holds for a slow client

/// Returns the next connection from `slot` on, wrapping around. There must be at least one.
template <class Connection>
Connection& next_of(const Slots<Connection>& connections, std::uint32_t& slot) {
  for (;;) {
    if (slot >= connections.end()) slot = 0;
    if (Connection* const found = connections.at(slot++)) return *found;
  }
}

}  // namespace

Connections::Connections(ShardParts& shard, Slots<WsConnection>& sessions, Slots<HttpConnection>& requests)
    : shard_(shard), sessions_(sessions), requests_(requests) {}

Connections::~Connections() {
  destroy_all();
}

void Connections::adopt(transport::Socket socket, const transport::IpAddress& peer, Admission::Place place) {
  shard_.counters.accepted.add();
  transport::configure(socket.fd(), {.send_buffer_bytes = kSendBufferBytes});
  const fanout::SlotKey key = requests_.reserve();
  HttpConnection& connection =
      requests_.put(key, std::make_unique<HttpConnection>(shard_, std::move(socket), key, peer, std::move(place)));
  try {
    connection.start();
  } catch (const std::system_error& refused) {
    // epoll accepts no more (fs.epoll.max_user_watches): existing connections stay
    connection.drop(Dropped::system, refused.what());
  }
}

void Connections::upgrade(HttpConnection& from, transport::Socket socket, const transport::IpAddress& client,
                          Admission::Place place, std::string& early) {
  const fanout::SlotKey key = sessions_.reserve();
  UuidBytes id = crypto::uuid_v4();
  fanout::write_client_location(id, {shard_.index, key.slot});
  place.set_key(key);
  WsConnection& connection =
      sessions_.put(key, std::make_unique<WsConnection>(shard_, std::move(socket), key, id, client, std::move(place)));
  shard_.counters.connections.fetch_add(1, std::memory_order_relaxed);
  try {
    connection.start(early);
  } catch (const std::system_error& refused) {  // for the same reason as in adopt()
    shard_.reports.dropped(Dropped::system, refused.what(), client);
    connection.finish();
  }
  remove(from);
}

void Connections::remove(WsConnection& connection) {
  shard_.counters.connections.fetch_sub(1, std::memory_order_relaxed);
  removed_sessions_.push_back(sessions_.take(connection.key()));
}

void Connections::remove(HttpConnection& connection) {
  shard_.counters.connections.fetch_sub(1, std::memory_order_relaxed);
  removed_requests_.push_back(requests_.take(connection.key()));
}

void Connections::destroy_removed() {
  removed_sessions_.clear();
  removed_requests_.clear();
}

void Connections::end_one() {
  if (sessions_.count() > 0) {
    next_of(sessions_, ending_session_).finish();
  } else {
    next_of(requests_, ending_request_).finish();
  }
}

void Connections::destroy_all() {
  destroy_removed();
  sessions_.clear();
  requests_.clear();
}

}  // namespace nx::gateway
