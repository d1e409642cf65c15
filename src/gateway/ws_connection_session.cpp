// Requests of a session to its connection: handled here or passed on to the shard.

#include <utility>

#include "gateway/shard_parts.hpp"
#include "gateway/ws_connection.hpp"
#include "model/keyed_hash.hpp"

namespace nx::gateway {

void WsConnection::close(const session::Closing& closing) {
  transport::append_close(begin_frame(), closing.code, closing.reason);
  cause_ = {closing.code, ClosedBy::server};
  shard_.context.log.info("session closed", {{"code", closing.code},
                                             {"reason", closing.reason},
                                             {"client", uuid_text(session_.id())},
                                             {"user", session_.user().id.value},
                                             {"age_s", (now_wall().value - connected_at_.value) / 1'000}});
  const bool slow = closing.code == session::kSlowConsumer.code;
  begin_closing(Stage::closing, slow ? shard_.context.options.slow_client.drop_after : kCloseWait);
}

std::string& WsConnection::begin_frame() {
  if (!dirty_) {
    dirty_ = true;
    shard_.flusher.add(*this);
  }
  shard_.counters.frames_out.add();
  return frames_.begin_frame(shard_.pool, shard_.loop.now());
}

std::string& WsConnection::begin_text(std::size_t text_bytes) {
  std::string& out = begin_frame();
  transport::append_frame_header(out, transport::WsOpcode::text, text_bytes);
  return out;
}

const session::SessionOptions& WsConnection::options() const {
  return shard_.context.options.session;
}
runtime::SteadyTime WsConnection::now() const {
  return shard_.loop.now();
}
EpochMs WsConnection::wall_now() const {
  return now_wall();
}
SessionRegistry& WsConnection::registry() const {
  return shard_.registry;
}
const crypto::KeyPair& WsConnection::server_key() const {
  return shard_.server_key;
}
void WsConnection::verify(std::string token, session::TokenUse use) {
  if (is_shaking_hands()) place_.authenticating();
  shard_.tokens.add(key_, std::move(token), use);
}
void WsConnection::waits_for_keys() {
  if (is_shaking_hands()) place_.waits_for_key();
}
void WsConnection::verified(bool holds) {
  if (holds && is_shaking_hands()) place_.authenticating();
}
void WsConnection::ask_rooms(std::vector<RoomName> rooms, session::RoomsUse use) {
  shard_.room_questions.ask(*this, std::move(rooms), use);
}
void WsConnection::ask_missed(std::int64_t since, std::size_t limit) {
  shard_.catch_ups.ask(key_, since, limit);
}
void WsConnection::joined(const RoomName& room) {
  shard_.rooms.join(room, key_);
}
void WsConnection::left(const RoomName& room) {
  shard_.rooms.leave(room, key_);
}
void WsConnection::rooms_closed(std::size_t rooms) {
  shard_.room_reports.closed(rooms);
}
void WsConnection::refused(auth::AuthError reason) {
  shard_.tokens.refused(*this, reason);
}

bool WsConnection::acknowledged(Acknowledgement what) {
  return shard_.acks.add(std::move(what));
}

void WsConnection::row_sent(std::int64_t seq) {
  shard_.push_log.add(user_hash_, seq, key_, PushLog::What::caught_up, now_wall());
}

void WsConnection::ignored() {
  shard_.counters.ignored.add();
}

bool WsConnection::subscribe(const UserId& user) {
  subscription_ = shard_.registry.subscribe(*this, user);
  return static_cast<bool>(subscription_);
}

void WsConnection::opened() {
  user_hash_ = KeyedHash{}(session_.user().id);
  place_.opened();
  parser_.set_limit(static_cast<std::uint32_t>(shard_.context.options.max_message_bytes));
  registration_ = shard_.registry.add(*this);
}

/// Records that the queued frames are dropped.
void WsConnection::log_slow_close() {
  if (!session_.is_open() || frames_.empty()) return;
  const EpochMs at = now_wall();
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now() - frames_.oldest());
  shard_.push_log.add_slow_close(user_hash_, key_, EpochMs{at.value - age.count()}, at);
}

void WsConnection::send_ping() {
  transport::append_ping(begin_frame());
}

}  // namespace nx::gateway
