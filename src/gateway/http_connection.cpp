#include "gateway/http_connection.hpp"

#include <memory>
#include <utility>

#include "gateway/plain_error.hpp"
#include "gateway/shard_parts.hpp"
#include "model/release.hpp"
#include "transport/cidr.hpp"

namespace nx::gateway {

namespace {

constexpr int kReadsPerTurn = 16;
constexpr int kRequestsPerTurn = 32;  // pipelined requests answered at once; then other connections have their turn

}  // namespace

HttpConnection::HttpConnection(ShardParts& shard, transport::Socket socket, fanout::SlotKey key,
                               const transport::IpAddress& peer, Admission::Place place)
    : shard_(shard), socket_(std::move(socket)), key_(key), peer_(peer), client_(peer), place_(std::move(place)) {}

void HttpConnection::start() {
  interest_ = runtime::Ready::kRead;
  shard_.loop.watch(socket_.fd(), *this, interest_);
  place_.set_key(key_);
  schedule(shard_.context.options.request_head_timeout);
  if (transport::contains(shard_.context.trusted_proxies, peer_)) {
    stage_ = Stage::proxy_header;
  } else {
    begin_requests();
  }
}

void HttpConnection::read_proxy_header() {
  using Outcome = ProxyHeaderReader::Outcome;
  const ProxyHeaderReader::Result header = proxy_header_.read(socket_.fd());
  switch (header.outcome) {
    case Outcome::need_more:
      return;
    case Outcome::invalid:
      return refuse(400, "Invalid PROXY header");
    case Outcome::incomplete:
      return drop(Dropped::proxy_header);
    case Outcome::lost:
      return finish();
    case Outcome::done:
      break;
  }
  if (header.source) {
    peer_ = *header.source;
    client_ = peer_;
    peer_named_ = true;
    place_.name(peer_);
  }
  begin_requests();
}

void HttpConnection::begin_requests() {
  stage_ = Stage::request;
  const auto& tls = shard_.context.tls;
  if (const auto context = tls ? tls->current() : nullptr; context && !socket_.start_tls(*context)) finish();
}

void HttpConnection::on_ready(std::uint32_t ready) {
  using runtime::Ready;
  if (is_finished() || paused_) return;
  if (shard_.turn.serves_at_once()) {
    serve((ready & (Ready::kError | Ready::kHangUp)) != 0);
  } else {
    pause();
  }
  settle();
}

void HttpConnection::serve(bool broken) {
  if (stage_ == Stage::proxy_header) read_proxy_header();
  if (!is_finished() && stage_ == Stage::writing) {
    write(Written::more);
    if (!is_finished() && stage_ == Stage::request) advance();
  } else if (!is_finished() && (stage_ == Stage::request || stage_ == Stage::lingering)) {
    read();
  } else if (!is_finished() && broken) {
    finish();
  }
}

void HttpConnection::pause() {
  paused_ = true;
  (socket_.is_established() ? shard_.paused_requests : shard_.paused_handshakes).add(key_);
}

void HttpConnection::read() {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const transport::IoStatus status = read_once();
    if (status == transport::IoStatus::would_block) {
      if (socket_.was_cut()) pause();
      return;
    }
    if (status != transport::IoStatus::done) return lost();
    if (is_finished() || paused_ || (stage_ != Stage::request && stage_ != Stage::lingering)) return;
  }
}

transport::IoStatus HttpConnection::read_once() {
  const std::span<char> buffer = std::span<char>(shard_.read_buffer);
  const transport::IoResult result = socket_.read(buffer);
  if (result.status != transport::IoStatus::done || stage_ == Stage::lingering) return result.status;
  input_.append(buffer.data(), result.bytes);
  advance();
  return result.status;
}

void HttpConnection::advance() {
  int begun = 0;
  while (!is_finished() && stage_ == Stage::request && !input_.empty()) {
    if (!arriving_) {
      if (begun++ == kRequestsPerTurn) {
        return pause();
      }
      if (!begin_request()) return;
    }
    if (!parse()) return;
  }
}

/// Returns false when only empty lines have arrived: they do not begin a request and do not extend a time-out.
bool HttpConnection::begin_request() {
  input_.erase(0, transport::HttpParser::empty_lines(input_));
  if (input_.empty() || input_ == "\r") {
    give_back(input_);
    return false;
  }
  arriving_.emplace();
  path_.clear();
  origin_.clear();
  if (request_ > 0) schedule(shard_.context.options.request_head_timeout);
  return true;
}

/// Returns false when more input is needed or the request was refused.
bool HttpConnection::parse() {
  const transport::HttpParser::Progress progress = arriving_->parser.feed(input_);
  input_.erase(0, progress.used);
  give_back(input_);
  switch (progress.status) {
    case transport::HttpParser::Status::need_more:
      wait_for_more();
      return false;
    case transport::HttpParser::Status::failed:
      refuse(progress.error_status, transport::reason_phrase(progress.error_status));
      return false;
    case transport::HttpParser::Status::complete:
      break;
  }
  keep_alive_ = arriving_->parser.keep_alive();
  asking_ = arriving_->parser.held_bytes();
  transport::HttpRequest request = arriving_->parser.take();
  arriving_.reset();
  handle(std::move(request));
  return true;
}

void HttpConnection::wait_for_more() {
  if (arriving_->parser.head_complete() && !arriving_->body_timed) {
    arriving_->body_timed = true;
    schedule(shard_.context.options.request_body_timeout);
  }
  if (!arriving_->parser.expects_continue() || arriving_->continued) return;
  arriving_->continued = true;
  std::string interim;
  transport::append_continue(interim);
  socket_.write(interim);  // 25 bytes into an empty buffer; a client that does not get them sends its body anyway
}

void HttpConnection::resume() {
  paused_ = false;
  advance();
  if (!is_finished() && !paused_) serve(false);
  settle();
}

bool HttpConnection::is_being_read() {
  return answer_.is_being_read(socket_, shard_.loop.now(), shard_.context.options.unread_answer_timeout);
}

void HttpConnection::await_request() {
  stage_ = Stage::request;
  release(path_);
  release(origin_);
  const auto keep_alive = shard_.context.options.keep_alive_timeout;
  keep_alive_end_ = shard_.loop.now() + keep_alive;
  answer_.begin_watch(socket_, shard_.loop.now());
  schedule(answer_.was_read() ? keep_alive : std::min(keep_alive, kReaderCheck));
}

void HttpConnection::linger() {
  if (yields_) return finish();
  // close(2) with unread input would send a reset that may overtake the answer.
  stage_ = Stage::lingering;
  socket_.shutdown_write();
  schedule(transport::Socket::kLingerWait);
}

void HttpConnection::on_timer() {
  switch (stage_) {
    case Stage::finished:
      return;
    case Stage::proxy_header:
      return drop(Dropped::proxy_header);
    case Stage::lingering:
      return finish();
    case Stage::writing:
      return is_being_read() ? schedule(kReaderCheck) : drop(Dropped::unread_answer);
    case Stage::answering:
      if (yields_) return finish();
      refuse(503, "No answer in time");
      return settle();
    case Stage::request: {
      if (request_ > 0 && !arriving_) {
        const auto left = keep_alive_end_ - shard_.loop.now();
        if (!is_being_read()) return drop(Dropped::unread_answer);
        if (left <= runtime::SteadyTime::duration::zero()) return finish();
        const auto remaining = std::chrono::ceil<std::chrono::milliseconds>(left);
        return schedule(answer_.was_read() ? remaining : std::min(remaining, kReaderCheck));
      }
      // During an unfinished TLS handshake no answer can be sent.
      if (!socket_.is_established()) return drop(Dropped::tls_timeout);
      refuse(408, "Request Timeout");
      return settle();
    }
  }
}

void HttpConnection::settle() {
  if (is_finished()) return;
  account();
  std::uint32_t wanted = 0;
  if (stage_ == Stage::writing && !paused_) wanted = socket_.write_interest();
  const bool reads = stage_ == Stage::request || stage_ == Stage::lingering || stage_ == Stage::proxy_header;
  if (reads && !paused_) wanted = socket_.read_interest();
  if (wanted == interest_) return;
  interest_ = wanted;
  shard_.loop.rewatch(socket_.fd(), *this, wanted);
}

void HttpConnection::account() {
  HeldBytes now;
  if (!is_finished()) {
    const std::size_t parsed = arriving_ ? arriving_->parser.held_bytes() : 0;
    now.set(HeldKind::requests, held_by(input_) + held_by(path_) + held_by(origin_) + parsed + asking_);
    now.set(HeldKind::answers, answer_.held_bytes());
    now.set(socket_.is_established() ? HeldKind::tls_records : HeldKind::tls_handshakes, socket_.tls_bytes());
  }
  if (now != held_bytes()) shard_.memory.account(*this, now);
}

void HttpConnection::schedule(std::chrono::milliseconds from_now) {
  shard_.wheel.schedule(*this, shard_.loop.now() + from_now);
}

void HttpConnection::finish_if_idle() {
  if (stage_ == Stage::request && !arriving_) finish();
}

/// The peer has closed or reset the connection, or sent invalid TLS.
void HttpConnection::lost() {
  if (const std::string problem = socket_.tls_problem(); !problem.empty()) return drop(Dropped::tls, problem);
  finish();
}

void HttpConnection::drop(Dropped reason, std::string_view detail) {
  if (is_finished()) return;
  shard_.reports.dropped(reason, detail, client_);
  finish();
}

void HttpConnection::finish() {
  if (is_finished()) return;
  detach();
  socket_.close();
  place_ = {};
  shard_.connections.remove(*this);
}

/// Removes the connection from the loop, the timers and the ledger.
void HttpConnection::detach() {
  stage_ = Stage::finished;
  account();
  cancel();
  shard_.loop.unwatch(socket_.fd(), *this);
}

}  // namespace nx::gateway
