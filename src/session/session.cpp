#include "session/session.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>

#include "contract/server_frame.hpp"
#include "crypto/base64.hpp"

namespace nx::session {

using runtime::SteadyTime;

namespace {

constexpr SteadyTime kNever = SteadyTime::max();

std::optional<Iv> iv_of(const std::string& iv_base64) {
  const std::optional<crypto::Bytes> bytes = crypto::base64_decode(iv_base64);
  if (!bytes || bytes->size() != crypto::kIvBytes) return std::nullopt;
  Iv iv{};
  std::ranges::copy(*bytes, iv.begin());
  return iv;
}

}  // namespace

Session::Session(ClientConnection& connection, const UuidBytes& id)
    : connection_(connection), id_(id), last_received_(connection.now()), last_sent_(connection.now()) {
  handshake_deadline_ = connection.now() + connection.options().auth_timeout;
  next_sweep_ = connection.now() + connection.options().heartbeat_interval;
  expires_ = kNever;
  rooms_end_ = kNever;
}

bool Session::admit() {
  if (rate_.admit(connection_.now(), connection_.options().messages_per_second, kMessageBurst)) return true;
  close(kRateLimit);
  return false;
}

bool Session::on_control_frame() {
  return phase_ == Phase::closing || admit();
}

bool Session::on_fragment(std::size_t payload_bytes) {
  return phase_ == Phase::closing || payload_bytes >= kTinyFragment || admit();
}

void Session::on_message(std::string_view text) {
  if (phase_ == Phase::closing) return;
  // Before parsing: even an invalid message shows that the client is alive.
  last_received_.store(connection_.now(), std::memory_order_relaxed);
  if (admit()) handle(contract::decode_client_message(text), std::nullopt);
}

void Session::handle(const contract::ClientMessage& message, const std::optional<Iv>& iv) {
  const auto before_connected = [this] {
    if (phase_ == Phase::open) return false;
    send_error("Not authenticated");
    return true;
  };
  std::visit(
      [&](const auto& said) {
        using Said = std::decay_t<decltype(said)>;
        if constexpr (std::is_same_v<Said, contract::NotJson>) {
          send_error("Invalid message format");
        } else if constexpr (std::is_same_v<Said, contract::Silence>) {
          connection_.ignored();
        } else if constexpr (std::is_same_v<Said, contract::Heartbeat>) {
          // A heartbeat gets no answer.
        } else if constexpr (std::is_same_v<Said, contract::Authenticate>) {
          authenticate(said);
        } else if constexpr (std::is_same_v<Said, contract::Join>) {
          if (!before_connected()) join(said.rooms);
        } else if constexpr (std::is_same_v<Said, contract::Leave>) {
          if (!before_connected()) leave(said.rooms);
        } else if constexpr (std::is_same_v<Said, contract::Ping>) {
          if (!before_connected()) send(contract::pong_frame(said.id_json, connection_.wall_now()));
        } else if constexpr (std::is_same_v<Said, contract::Refresh>) {
          if (!before_connected()) refresh(said.token, iv);
        } else if constexpr (std::is_same_v<Said, contract::Ack>) {
          if (!before_connected()) acknowledge(said);
        } else if constexpr (std::is_same_v<Said, contract::SealedMessage>) {
          if (before_connected()) return;
          if (iv) {
            connection_.ignored();  // an envelope inside an envelope is ignored
          } else {
            open_sealed(said);
          }
        } else {
          if (!before_connected()) connection_.ignored();
        }
      },
      message);
}

void Session::open_sealed(const contract::SealedMessage& sealed) {
  const std::optional<Iv> iv = iv_of(sealed.iv);
  const std::optional<std::string> text = iv ? crypto::open_envelope(inbound_key_, sealed.iv, sealed.ct) : std::nullopt;
  if (!text) {
    connection_.ignored();
    if (++failed_opens_ >= kMaxFailedOpens) close(kDecryptionFailed);
    return;
  }
  failed_opens_ = 0;
  handle(contract::decode_client_message(*text), iv);
}

void Session::join(const std::vector<RoomName>& rooms) {
  rooms_.want(rooms);
  ask_waiting_rooms();
}

void Session::ask_waiting_rooms() {
  std::vector<RoomName> asked = rooms_.next_question();
  if (!asked.empty()) connection_.ask_rooms(std::move(asked), RoomsUse::join);
}

/// One question at a time: refreshes may arrive faster than the database answers, and all clients share its queue.
void Session::recheck_rooms() {
  std::vector<RoomName> rooms = rooms_.held();
  if (rooms.empty()) return;
  if (std::exchange(rechecking_, true)) {
    recheck_again_ = true;
  } else {
    connection_.ask_rooms(std::move(rooms), RoomsUse::recheck);
  }
}

void Session::leave(const std::vector<RoomName>& rooms) {
  for (const RoomName& room : rooms_.leave(rooms)) connection_.left(room);
}

void Session::on_rooms(RoomsUse use, const std::vector<RoomName>& asked, const Result<std::vector<RoomName>>& allowed) {
  if (phase_ != Phase::open) return;
  if (use == RoomsUse::join) {
    static const std::vector<RoomName> kNone;  // without an answer no room is joined; the client may ask again
    const bool first = rooms_.joined().empty();
    for (const RoomName& room : rooms_.admit(asked, allowed ? *allowed : kNone)) connection_.joined(room);
    if (first) rooms_confirmed();
    ask_waiting_rooms();
    return;
  }
  if (allowed) {  // without an answer the rooms stay until rooms_end_
    const RoomList::Kept kept = rooms_.keep(asked, *allowed);
    for (const RoomName& room : kept.lost) connection_.left(room);
    for (const RoomName& room : kept.opened) connection_.joined(room);
    rooms_confirmed();
  }
  rechecking_ = false;
  if (std::exchange(recheck_again_, false)) recheck_rooms();
}

void Session::rooms_confirmed() {
  rooms_end_ =
      rooms_.joined().empty() ? kNever : connection_.now() + kRoomPeriods * connection_.options().room_check_interval;
}

void Session::close_rooms() {
  rooms_end_ = kNever;
  const std::vector<RoomName> closed = rooms_.close();
  for (const RoomName& room : closed) connection_.left(room);
  if (!closed.empty()) connection_.rooms_closed(closed.size());
}

void Session::acknowledge(const contract::Ack& ack) {
  if (!ack.ids.empty()) {
    connection_.acknowledged({.user = user_.id, .ids = ack.ids, .at = connection_.wall_now()});
  } else if (ack.up_to > acked_up_to_ && connection_.acknowledged({.user = user_.id,
                                                                   .ids = {},
                                                                   .above = acked_up_to_,
                                                                   .up_to = ack.up_to,
                                                                   .at = connection_.wall_now()})) {
    acked_up_to_ = ack.up_to;
  }
}

SteadyTime Session::next_deadline() const {
  switch (phase_) {
    case Phase::unauthorized:
    case Phase::authenticating:
      return handshake_deadline_;
    case Phase::open: {
      const SteadyTime next =
          std::min({next_sweep_, last_sent_ + connection_.options().ping_interval, expires_, rooms_end_});
      return catch_up_ && !catch_up_->is_over() ? std::min(next, catch_up_->deadline()) : next;
    }
    case Phase::closing:
      break;
  }
  return kNever;
}

void Session::on_deadline() {
  const SteadyTime now = connection_.now();
  if (phase_ == Phase::unauthorized || phase_ == Phase::authenticating) {
    if (now >= handshake_deadline_) close(kAuthenticationTimeout);
    return;
  }
  if (phase_ != Phase::open) return;
  if (now >= expires_) return close(kTokenExpired);
  if (now >= rooms_end_) close_rooms();
  if (now >= next_sweep_) {
    if (now - last_received_.load(std::memory_order_relaxed) > connection_.options().heartbeat_timeout)
      return close(kHeartbeatTimeout);
    next_sweep_ = now + connection_.options().heartbeat_interval;
  }
  if (catch_up_ && !catch_up_->is_over() && now >= catch_up_->deadline()) finish_catch_up();
  if (now - last_sent_ >= connection_.options().ping_interval) {
    connection_.send_ping();
    last_sent_ = now;
  }
}

void Session::push(std::string_view head, std::string_view tail, std::int64_t seq) {
  if (phase_ != Phase::open) return;
  const std::size_t sealed_bytes = crypto::Sealer::envelope_size(head.size() + tail.size());
  // `caught-up` has already told the client up to where it has everything, so no push may be dropped any more. If the
  // client does not read, it is closed as a slow client.
  if (catch_up_ && catch_up_->is_over() && !catch_up_->has_room(sealed_bytes)) {
    release_held(std::numeric_limits<std::size_t>::max());
  }
  if (!catch_up_) return push_now(head, tail, seq);
  catch_up_->hold(head, tail, seq, sealed_bytes);
  connection_.held();
}

void Session::push_now(std::string_view head, std::string_view tail, std::int64_t seq) {
  if (seq == 0 || seq > caught_up_to_ || connection_.now() >= repeats_until_) seal(head, tail);
}

void Session::close(const Closing& closing) {
  if (phase_ == Phase::closing) return;
  end();
  connection_.close(closing);
}

void Session::end() {
  phase_ = Phase::closing;
  // Their memory would otherwise be held until the peer has closed.
  catch_up_.reset();
  handshake_.reset();
  token_bytes_ = 0;
  if (refresh_) refresh_->forget_waiting();
  rooms_.forget_waiting();
}

void Session::send(std::string_view text) {
  if (phase_ == Phase::closing) return;
  if (sealer_) {
    seal(text, {});
  } else {
    send_clear(text);
  }
}

void Session::send_clear(std::string_view text) {
  connection_.begin_text(text.size()).append(text);
  last_sent_ = connection_.now();
}

void Session::seal(std::string_view head, std::string_view tail) {
  std::string& out = connection_.begin_text(crypto::Sealer::envelope_size(head.size() + tail.size()));
  sealer_->append_envelope(out, head, tail);
  last_sent_ = connection_.now();
}

void Session::send_error(std::string_view message) {
  send(contract::error_frame(message));
}

}  // namespace nx::session
