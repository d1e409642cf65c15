#include "gateway/shard.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "crypto/random.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kReadBufferBytes = 64U * 1024U;
constexpr int kSendBufferBytes = 128 * 1024;  // SO_SNDBUF: bounds what the kernel holds for a slow client

}  // namespace

Shard::Shard(GatewayContext& context, std::uint32_t index)
    : context_(context),
      index_(index),
      loop_("shard-" + std::to_string(index)),
      wheel_(std::chrono::steady_clock::now()),
      read_buffer_(kReadBufferBytes),
      server_key_(crypto::KeyPair::generate()),
      holders_(context.ledger, index),
      room_registry_(context.fanout_shards.presence(), context.lookups.subscriptions, index),
      push_log_(now_wall()),
      deliveries_(sessions_, room_registry_, counters_.record_to_frame, push_log_),
      arriving_({.time = context.options.turn_time / 2, .bytes = context.options.turn_bytes / 8}),
      working_({.time = context.options.turn_time, .bytes = context.options.turn_bytes}) {
  context_.fanout_shards.add([this] { loop_.post([this] { has_mail_ = true; }); });
}

Shard::~Shard() = default;

void Shard::start() {
  loop_.at_turn_end([this] { end_turn(); });
  loop_.every(runtime::TimerWheel::kGranularity, [this] { tick(); });
  loop_.every(context_.options.room_check_interval, [this] { begin_recheck(); });
  loop_.every(context_.options.server_key_lifetime, [this] { server_key_ = crypto::KeyPair::generate(); });
  thread_ = std::thread([this] { loop_.run(); });
}

void Shard::tick() {
  const auto now = loop_.now();
  if (last_tick_ != runtime::SteadyTime{}) {
    const auto late = now - last_tick_ - runtime::TimerWheel::kGranularity;
    counters_.loop_lag.record(std::chrono::duration_cast<std::chrono::microseconds>(late));
  }
  last_tick_ = now;
  timers_due_ = true;
  if (holders_.watch_backlogs()) loop_.post([this] { holders_.watch_backlogs(); });
  write_acks();
  if (stopping_) end_when_answered();
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
}

void Shard::adopt(transport::Socket socket, const transport::IpAddress& peer, Admission::Place place) {
  struct Arrival {
    transport::Socket socket;
    Admission::Place place;
  };
  loop_.post([this, arrival = std::make_shared<Arrival>(std::move(socket), std::move(place)), peer] {
    if (stopping_) return;
    counters_.accepted.add();
    transport::configure(arrival->socket.fd(), {.send_buffer_bytes = kSendBufferBytes});
    const fanout::SlotKey key = requests_.reserve();
    HttpConnection& connection = requests_.put(
        key, std::make_unique<HttpConnection>(*this, std::move(arrival->socket), key, peer, std::move(arrival->place)));
    try {
      connection.start();
    } catch (const std::system_error& refused) {
      connection.drop(Dropped::system,
                      refused.what());  // epoll accepts no more (fs.epoll.max_user_watches): existing connections stay
    }
  });
}

void Shard::upgraded(HttpConnection& from, transport::Socket socket, const transport::IpAddress& client,
                     Admission::Place place, std::string& early) {
  const fanout::SlotKey key = sessions_.reserve();
  UuidBytes id = crypto::uuid_v4();
  fanout::write_client_location(id, {index_, key.slot});
  place.set_key(key);
  WsConnection& connection =
      sessions_.put(key, std::make_unique<WsConnection>(*this, std::move(socket), key, id, client, std::move(place)));
  counters_.connections.fetch_add(1, std::memory_order_relaxed);
  try {
    connection.start(early);
  } catch (const std::system_error& refused) {  // for the same reason as in adopt()
    report_dropped(Dropped::system, refused.what(), client);
    connection.finish();
  }
  remove(from);
}

void Shard::remove(WsConnection& connection) {
  counters_.connections.fetch_sub(1, std::memory_order_relaxed);
  removed_sessions_.push_back(sessions_.take(connection.key()));
}

void Shard::remove(HttpConnection& connection) {
  counters_.connections.fetch_sub(1, std::memory_order_relaxed);
  removed_requests_.push_back(requests_.take(connection.key()));
}

void Shard::register_session(WsConnection& connection) {
  counters_.handshakes.add();
  counters_.open.fetch_add(1, std::memory_order_relaxed);
  fanout::Presence& presence = context_.fanout_shards.presence();
  presence.count_open(index_, 1);
  const auto evicted =
      presence.add_user(connection.session().user().id, {connection.key(), index_},
                        connection.session().last_received(), context_.options.max_connections_per_user);
  if (evicted) context_.shards[evicted->shard]->close_later(evicted->key, session::kTooManyConnections);
}

void Shard::unregister_session(WsConnection& connection) {
  counters_.open.fetch_sub(1, std::memory_order_relaxed);
  fanout::Presence& presence = context_.fanout_shards.presence();
  presence.count_open(index_, -1);
  presence.remove_user(connection.session().user().id, {connection.key(), index_});
  for (const RoomName& room : connection.session().rooms().joined()) room_registry_.leave(room, connection.key());
}

void Shard::close_later(fanout::SlotKey key, session::Closing closing) {
  loop_.post([this, key, closing] {
    if (WsConnection* connection = sessions_.find(key)) connection->session().close(closing);
  });
}

void Shard::resume_later(const WsConnection& connection) {
  paused_sessions_.push_back(connection.key());
  loop_.again();
}

void Shard::resume_later(const HttpConnection& connection, HttpConnection::Before before) {
  (before == HttpConnection::Before::handshake ? paused_handshakes_ : paused_requests_).push_back(connection.key());
  loop_.again();
}

void Shard::flush() {
  unflushed_ = 0;
  while (!dirty_.empty()) {
    round_.swap(dirty_);
    operations_.clear();
    senders_.clear();
    for (WsConnection* connection : round_) {
      connection->clear_dirty();
      if (!connection->can_submit()) continue;
      const std::string_view bytes = connection->unsent();
      operations_.push_back({.fd = connection->fd(), .data = bytes.data(), .size = bytes.size()});
      senders_.push_back(connection);
    }
    if (!operations_.empty()) sender_.submit(operations_);
    std::size_t next = 0;
    for (WsConnection* connection : round_) {
      if (next < senders_.size() && senders_[next] == connection) {
        connection->submitted(operations_[next++].result);
      } else {
        connection->flush_alone();
      }
    }
    round_.clear();
  }
}

void Shard::account(Holder& holder, const HeldBytes& now) {
  if (holders_.account(holder, now)) free_memory_later();
}

void Shard::free_memory_later() {
  if (std::exchange(freeing_memory_, true)) return;
  loop_.post([this] { free_memory(); });
}

void Shard::free_memory() {
  freeing_memory_ = false;
  const Holders::Outcome outcome = holders_.make_room();
  if (outcome == Holders::Outcome::more) return free_memory_later();
  if (outcome == Holders::Outcome::enough) return;
  Shard& other = *context_.shards[context_.ledger.shard_with_fullest()];
  other.loop_.post([&other] { other.free_memory(); });
}

}  // namespace nx::gateway
