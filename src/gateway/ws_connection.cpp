#include "gateway/ws_connection.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "gateway/shard_parts.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kFullReadBytes = 64U * 1024U;  // bytes of one read; then other connections have their turn
constexpr std::size_t kSmallReadBytes = 512;  // enough for a dozen small messages: 256 clients may each send that many
// reads of one turn: a TLS record may carry a single byte and costs as much as a full one
constexpr int kReadCalls = 16;

}  // namespace

WsConnection::WsConnection(ShardParts& shard, transport::Socket socket, fanout::SlotKey key, const UuidBytes& id,
                           const transport::IpAddress& client, Admission::Place place)
    : shard_(shard),
      socket_(std::move(socket)),
      key_(key),
      address_(client),
      place_(std::move(place)),
      connected_at_(now_wall()),
      parser_(static_cast<std::uint32_t>(
          std::min(shard.context.options.max_message_bytes, session::kMaxMessageBeforeConnected))),
      session_(*this, id) {}

WsConnection::~WsConnection() = default;

void WsConnection::start(std::span<char> early) {
  interest_ = socket_.read_interest();
  shard_.loop.watch(socket_.fd(), *this, interest_);
  if (!early.empty()) consume(early);
  if (finished_) return;
  if (socket_.has_buffered_input()) pause();
  settle();
}

void WsConnection::on_ready(std::uint32_t ready) {
  using runtime::Ready;
  if (finished_ || paused_) return;
  const bool broken = (ready & (Ready::kError | Ready::kHangUp)) != 0;
  // not read at present, so the end of the peer would be reported again and again
  if (broken && session_.is_behind()) return finish();
  const bool lasts = shard_.turn.serves_at_once();
  // Once the time for input is used up, only cheap input is served: a short read of an authenticated client that is
  // between two messages. All others wait in the queue.
  if (!lasts && (blocked_ || !parser_.idle() || !session_.is_open())) {
    pause();
    return watch();
  }
  if (blocked_ && (broken || (ready & socket_.write_interest()) != 0)) write();
  if (!finished_ && (broken || (ready & socket_.read_interest()) != 0)) read(lasts ? ReadSize::full : ReadSize::small);
  settle();
}

void WsConnection::resume() {
  paused_ = false;
  if (blocked_) write();
  if (!finished_) read(ReadSize::full);
  settle();
}

void WsConnection::answered() {
  if (finished_) return;
  if (!paused_ && socket_.has_buffered_input()) pause();
  settle();
}

void WsConnection::settle() {
  if (finished_) return;
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
  for (int calls = 0; calls < kReadCalls && got < buffer.size() && !finished_ && !session_.is_behind(); ++calls) {
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
  if (!finished_ && !session_.is_behind() && socket_.has_buffered_input()) pause();
}

void WsConnection::consume(std::span<char> input) {
  using Kind = transport::WsEvent::Kind;
  while (!finished_) {
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
  peer_done_ = true;  // no further input is parsed as frames
  if (stage_ == Stage::talking) {
    session_.end();
    close_code_ = code;
    closed_by_ = by;
    const std::string_view reason =
        code == transport::WsCloseCode::kTooBig ? session::kTooBigMessage.reason : std::string_view{};
    transport::append_close(begin_frame(), code, reason);
    begin_closing(kCloseWait);
  } else if (queued_bytes() == 0) {
    after_write();
  }
}

void WsConnection::begin_closing(std::chrono::milliseconds patience) {
  stage_ = Stage::closing;
  place_.closing();
  leave();
  end_ = now() + patience;
  schedule(end_);
}

std::string& WsConnection::begin_frame() {
  if (!outbox_) outbox_ = shard_.pool.take();
  if (!dirty_) {
    dirty_ = true;
    shard_.flusher.add(*this);
  }
  shard_.counters.frames_out.add();
  return outbox_->begin_frame(shard_.loop.now());
}

void WsConnection::submitted(long result) {
  if (finished_) return;
  if (result >= 0) {
    shard_.counters.bytes_out.add(static_cast<std::uint64_t>(result));
    outbox_->consume(static_cast<std::size_t>(result));
    blocked_ = !outbox_->empty();
  } else if (result == -EAGAIN || result == -EINTR) {
    blocked_ = true;
  } else {
    return finish();
  }
  after_write();
}

void WsConnection::write() {
  blocked_ = false;
  while (outbox_ && !outbox_->empty()) {
    const transport::IoResult result = socket_.write(outbox_->unsent());
    if (result.status == transport::IoStatus::would_block) {
      blocked_ = true;
      break;
    }
    if (result.status != transport::IoStatus::done) return finish();
    shard_.counters.bytes_out.add(result.bytes);
    outbox_->consume(result.bytes);
  }
  after_write();
}

void WsConnection::flush_alone() {
  if (finished_) return;
  if (blocked_) {
    account();
    if (is_slow()) shed();
  } else {
    write();
  }
}

void WsConnection::after_write() {
  if (outbox_ && outbox_->empty()) shard_.pool.give_back(std::move(outbox_));
  account();
  if (!outbox_) {
    if (stage_ == Stage::closing && peer_done_) {
      stage_ = Stage::lingering;
      socket_.shutdown_write();
      end_ = now() + transport::Socket::kLingerWait;
      schedule(end_);
    } else if (session_.catching_up() && !std::exchange(drained_, true)) {
      shard_.catch_ups.continue_later(key_);
    }
  } else if (is_slow()) {
    shed();
  }
  watch();
}

void WsConnection::account() {
  HeldBytes now;  // stays zero once the connection has finished: a holder with bytes could be asked to make room again
  if (!finished_) {
    now.set(HeldKind::frames, outbox_ ? outbox_->held_bytes() : 0);
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
  if (finished_ || !is_slow()) return false;
  shed();
  return true;
}

void WsConnection::drained() {
  drained_ = false;
  session_.on_drained();
  settle();
}

bool WsConnection::is_slow() const {
  if (stage_ != Stage::talking || !blocked_ || !outbox_) return false;
  const std::size_t limit = shard_.context.options.backpressure_bytes;
  const std::size_t queued = outbox_->size();
  return queued > 2 * limit || (queued > limit && now() - outbox_->oldest() > shard_.context.options.slow_frame_age);
}

void WsConnection::shed() {
  log_slow_close();
  if (outbox_) outbox_->cut(socket_.promised());
  if (!parser_.idle()) parser_.abandon();
  session_.close(session::kSlowConsumer);
  account();
}

void WsConnection::watch() {
  if (finished_) return;
  std::uint32_t wanted = 0;
  if (!paused_ && !session_.is_behind()) wanted |= socket_.read_interest();
  if (!paused_ && blocked_) wanted |= socket_.write_interest();
  if (wanted == interest_) return;
  interest_ = wanted;
  shard_.loop.rewatch(socket_.fd(), *this, wanted);
}

void WsConnection::schedule(runtime::SteadyTime when) {
  if (when >= scheduled_ || when == runtime::SteadyTime::max()) return;
  scheduled_ = when;
  shard_.wheel.schedule(*this, when);
}

void WsConnection::reschedule() {
  if (!finished_ && stage_ == Stage::talking) schedule(session_.next_deadline());
}

void WsConnection::on_timer() {
  scheduled_ = runtime::SteadyTime::max();
  if (finished_) return;
  if (stage_ == Stage::talking) {
    const std::size_t before = queued_bytes();
    session_.on_deadline();
    if (queued_bytes() > before) shard_.turn.spend_working(queued_bytes() - before);
    reschedule();
  } else if (now() >= end_) {
    finish();
  } else {
    schedule(end_);
  }
}

void WsConnection::leave() {
  subscription_.release();
  registration_.release();
}

void WsConnection::yield() {
  if (finished_) return;
  if (stage_ == Stage::talking) {
    session_.end();
    close_code_ = session::kTooManyHandshakes.code;
    transport::append_close(begin_frame(), session::kTooManyHandshakes.code, session::kTooManyHandshakes.reason);
    if (!blocked_) socket_.write(outbox_->unsent());
  }
  finish();
}

void WsConnection::finish() {
  if (finished_) return;
  finished_ = true;
  shard_.counters.closes.add(closed_by_, close_code_);
  session_.end();
  leave();
  outbox_.reset();
  account();
  cancel();
  shard_.loop.unwatch(socket_.fd(), *this);
  socket_.close();
  place_ = {};
  shard_.connections.remove(*this);
}

}  // namespace nx::gateway
