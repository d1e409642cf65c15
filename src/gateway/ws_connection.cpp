#include "gateway/ws_connection.hpp"

#include <algorithm>
#include <utility>

#include "gateway/shard_parts.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kFullReadBytes = 64U * 1024U;  // bytes of one read; then other connections have their turn
// enough for a dozen small messages, also if 256 clients send that many in one turn
constexpr std::size_t kSmallReadBytes = 512;
// reads of one turn: a TLS record may carry a single byte and costs as much as a full one
constexpr int kReadCalls = 16;

}  // namespace

WsConnection::WsConnection(ShardParts& shard, transport::Socket socket, fanout::SlotKey key, const UuidBytes& id,
                           const transport::IpAddress& client, Admission::Place place)
    : shard_(shard),
      socket_(std::move(socket)),
      key_(key),
      address_(client),
      connected_at_(now_wall()),
      parser_(static_cast<std::uint32_t>(
          std::min(shard.context.options.max_message_bytes, session::kMaxMessageBeforeConnected))),
      place_(std::move(place)),
      session_(*this, id) {}

WsConnection::~WsConnection() = default;

void WsConnection::start(std::span<char> early) {
  interest_ = socket_.read_interest();
  shard_.loop.watch(socket_.fd(), *this, interest_);
  if (!early.empty()) consume(early);
  if (is_finished()) return;
  if (socket_.has_buffered_input()) pause();
  settle();
}

void WsConnection::on_ready(std::uint32_t ready) {
  using runtime::Ready;
  if (is_finished() || paused_) return;
  const bool broken = (ready & (Ready::kError | Ready::kHangUp)) != 0;
  // The socket is not read at present, so the loop would report the closed peer again and again.
  if (broken && session_.is_behind()) return finish();
  const bool lasts = shard_.turn.serves_at_once();
  // Once the time for input is used up, only cheap input is served: a short read of an authenticated client, if
  // no incomplete message of it is buffered and its output is not blocked. All other input waits in the queue.
  if (!lasts && (frames_.is_blocked() || !parser_.idle() || !session_.is_open())) {
    pause();
    return watch();
  }
  if (frames_.is_blocked() && (broken || (ready & socket_.write_interest()) != 0)) write();
  if (!is_finished() && (broken || (ready & socket_.read_interest()) != 0))
    read(lasts ? ReadSize::full : ReadSize::small);
  settle();
}

void WsConnection::resume() {
  paused_ = false;
  if (frames_.is_blocked()) write();
  if (!is_finished()) read(ReadSize::full);
  settle();
}

void WsConnection::answered() {
  if (is_finished()) return;
  if (!paused_ && socket_.has_buffered_input()) pause();
  settle();
}

void WsConnection::settle() {
  if (is_finished()) return;
  account();
  watch();
  reschedule();
}

/// Queues the connection behind the others that wait for their turn. Until then nothing is read or written.
void WsConnection::pause() {
  if (std::exchange(paused_, true)) return;
  shard_.paused_sessions.add(key_);
}

void WsConnection::read(ReadSize size) {
  const std::span<char> buffer =
      std::span<char>(shard_.read_buffer).first(size == ReadSize::full ? kFullReadBytes : kSmallReadBytes);
  std::size_t got = 0;
  for (int calls = 0; calls < kReadCalls && got < buffer.size() && !is_finished() && !session_.is_behind(); ++calls) {
    const transport::IoResult result = socket_.read(buffer.first(buffer.size() - got));
    switch (result.status) {
      case transport::IoStatus::done:
        got += result.bytes;
        shard_.turn.spend_arriving(result.bytes);
        consume(buffer.first(result.bytes));
        if (!socket_.is_tls() && got < buffer.size()) return;
        break;
      case transport::IoStatus::would_block:
        if (socket_.was_cut()) pause();
        return;
      case transport::IoStatus::closed:
      case transport::IoStatus::failed:
        return finish();
    }
  }
  if (!is_finished() && !session_.is_behind() && socket_.has_buffered_input()) pause();
}

void WsConnection::consume(std::span<char> input) {
  using Kind = transport::WsEvent::Kind;
  while (!is_finished()) {
    const transport::WsEvent event = parser_.next(input);
    switch (event.kind) {
      case Kind::need_more:
        return;
      case Kind::message:
        session_.on_message(event.payload);
        break;
      case Kind::ping:
        if (session_.phase() != session::Session::Phase::closing && session_.on_control_frame()) {
          transport::append_pong(begin_frame(), event.payload);
        }
        break;
      case Kind::pong:
        session_.on_control_frame();
        break;
      case Kind::fragment:
        session_.on_fragment(event.payload.size());
        break;
      case Kind::close:
        answer_close(event.code, ClosedBy::client);
        break;
      case Kind::error:
        answer_close(event.code, ClosedBy::server);
        break;
    }
  }
}

void WsConnection::answer_close(std::uint16_t code, ClosedBy by) {
  if (stage_ == Stage::talking) {
    session_.end();
    cause_ = {code, by};
    const std::string_view reason =
        code == transport::WsCloseCode::kTooBig ? session::kTooBigMessage.reason : std::string_view{};
    transport::append_close(begin_frame(), code, reason);
    begin_closing(Stage::answered, kCloseWait);
    return;
  }
  if (stage_ == Stage::closing) stage_ = Stage::answered;
  if (queued_bytes() == 0) after_write();
}

void WsConnection::begin_closing(Stage stage, std::chrono::milliseconds patience) {
  place_.closing();
  leave();
  enter(stage, patience);
}

/// Finishes the connection after `patience` if it is then still in this stage, or in `answered`.
void WsConnection::enter(Stage stage, std::chrono::milliseconds patience) {
  stage_ = stage;
  shard_.wheel.schedule(*this, now() + patience);
}

void WsConnection::submitted(long result) {
  if (is_finished()) return;
  frames_.sent(result, shard_.counters.bytes_out) ? after_write() : finish();
}

void WsConnection::write() {
  frames_.write(socket_, shard_.counters.bytes_out) ? after_write() : finish();
}

void WsConnection::flush_alone() {
  if (is_finished()) return;
  if (frames_.is_blocked()) {
    account();
    if (is_slow()) shed();
  } else {
    write();
  }
}

void WsConnection::after_write() {
  frames_.give_back_if_sent(shard_.pool);
  account();
  if (frames_.has_outbox()) {
    if (is_slow()) shed();
  } else if (stage_ == Stage::answered) {
    socket_.shutdown_write();
    enter(Stage::lingering, transport::Socket::kLingerWait);
  } else if (session_.catching_up() && !std::exchange(drained_, true)) {
    shard_.catch_ups.continue_later(key_);
  }
  watch();
}

void WsConnection::account() {
  HeldBytes now;  // stays zero once the connection has finished: a holder with bytes could be asked to make room again
  if (!is_finished()) {
    now.set(HeldKind::frames, frames_.held_bytes());
    now.set(HeldKind::tls_records, socket_.tls_bytes());
    now.set(HeldKind::held_pushes, session_.held_bytes());
    now.set(HeldKind::questions, session_.question_bytes());
    now.set(HeldKind::half_messages, parser_.buffered_bytes());
  }
  if (now != held_bytes()) shard_.memory.account(*this, now);
}

void WsConnection::make_room() {
  // the close frame is already queued: its memory is needed now
  if (session_.phase() == session::Session::Phase::closing) return finish();
  shed();
}

bool WsConnection::watch_backlog() {
  if (is_finished() || !is_slow()) return false;
  shed();
  return true;
}

void WsConnection::drained() {
  drained_ = false;
  session_.on_drained();
  settle();
}

bool WsConnection::is_slow() const {
  const GatewayOptions& options = shard_.context.options;
  return stage_ == Stage::talking &&
         frames_.is_backlog(options.session.backpressure_bytes, options.slow_client.frame_age, now());
}

void WsConnection::shed() {
  log_slow_close();
  frames_.cut(socket_.promised());
  if (!parser_.idle()) parser_.abandon();
  session_.close(session::kSlowConsumer);
  account();
}

void WsConnection::watch() {
  if (is_finished()) return;
  std::uint32_t wanted = 0;
  if (!paused_ && !session_.is_behind()) wanted |= socket_.read_interest();
  if (!paused_ && frames_.is_blocked()) wanted |= socket_.write_interest();
  if (wanted == interest_) return;
  interest_ = wanted;
  shard_.loop.rewatch(socket_.fd(), *this, wanted);
}

void WsConnection::reschedule() {
  if (stage_ != Stage::talking) return;
  const runtime::SteadyTime deadline = session_.next_deadline();
  if (deadline >= scheduled_) return;
  scheduled_ = deadline;
  shard_.wheel.schedule(*this, deadline);
}

void WsConnection::on_timer() {
  if (is_finished()) return;
  if (stage_ != Stage::talking) return finish();
  scheduled_ = runtime::SteadyTime::max();
  const std::size_t before = queued_bytes();
  session_.on_deadline();
  if (queued_bytes() > before) shard_.turn.spend_working(queued_bytes() - before);
  reschedule();
}

void WsConnection::yield() {
  if (is_finished()) return;
  if (stage_ == Stage::talking) {
    session_.end();
    cause_ = {session::kTooManyHandshakes.code, ClosedBy::server};
    transport::append_close(begin_frame(), session::kTooManyHandshakes.code, session::kTooManyHandshakes.reason);
    if (!frames_.is_blocked()) socket_.write(frames_.unsent());
  }
  finish();
}

void WsConnection::finish() {
  if (is_finished()) return;
  stage_ = Stage::finished;
  shard_.counters.closes.add(cause_.by, cause_.code);
  session_.end();
  leave();
  frames_.drop();
  account();
  cancel();
  shard_.loop.unwatch(socket_.fd(), *this);
  socket_.close();
  place_ = {};
  shard_.connections.remove(*this);
}

}  // namespace nx::gateway
