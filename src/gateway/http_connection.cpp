#include "gateway/http_connection.hpp"

#include <memory>
#include <utility>

#include "gateway/plain_error.hpp"
#include "gateway/shard_parts.hpp"
#include "model/release.hpp"
#include "transport/cidr.hpp"

namespace nx::gateway {

namespace {

constexpr std::chrono::milliseconds kReaderCheck{1'000};
constexpr int kReadsPerTurn = 16;
constexpr int kRequestsPerTurn = 32;  // pipelined requests answered at once; then other connections have their turn
constexpr std::size_t kKeptCapacity = 1'024;

/// Bytes of memory that `text` occupies, independent of its length. A small buffer that is kept for the next request
/// does not count.
std::size_t held_by(const std::string& text) {
  return text.capacity() > kKeptCapacity ? text.capacity() : text.size();
}

/// Releases the capacity that a large request needed when only a little of it is still used.
void give_back(std::string& text) {
  if (text.capacity() > kKeptCapacity && text.size() <= kKeptCapacity) text.shrink_to_fit();
}

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

void HttpConnection::begin_requests() {
  stage_ = Stage::request;
  const auto& tls = shard_.context.tls;
  if (const auto context = tls ? tls->current() : nullptr; context && !socket_.start_tls(*context)) finish();
}

void HttpConnection::on_ready(std::uint32_t ready) {
  using runtime::Ready;
  if (finished_ || paused_) return;
  if (shard_.turn.serves_at_once()) {
    serve((ready & (Ready::kError | Ready::kHangUp)) != 0);
  } else {
    pause();
  }
  settle();
}

void HttpConnection::serve(bool broken) {
  if (stage_ == Stage::proxy_header) read_proxy_header();
  if (!finished_ && stage_ == Stage::writing) {
    write(Written::more);
    if (!finished_ && stage_ == Stage::request) advance();
  } else if (!finished_ && (stage_ == Stage::request || stage_ == Stage::lingering)) {
    read();
  } else if (!finished_ && broken) {
    finish();
  }
}

void HttpConnection::pause() {
  paused_ = true;
  (socket_.is_established() ? shard_.paused_requests : shard_.paused_handshakes).add(key_);
}

void HttpConnection::read() {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const std::span<char> buffer = std::span<char>(shard_.read_buffer);
    const transport::IoResult result = socket_.read(buffer);
    if (result.status == transport::IoStatus::would_block) {
      if (socket_.was_cut()) pause();
      return;
    }
    if (result.status != transport::IoStatus::done) return lost();
    if (stage_ == Stage::lingering) continue;
    input_.append(buffer.data(), result.bytes);
    advance();
    if (finished_ || paused_ || (stage_ != Stage::request && stage_ != Stage::lingering)) return;
  }
}

void HttpConnection::advance() {
  int begun = 0;
  while (!finished_ && stage_ == Stage::request && !input_.empty()) {
    if (!parser_) {
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
  parser_.emplace();
  body_timed_ = false;
  continued_ = false;
  path_.clear();
  origin_.clear();
  if (request_ > 0) schedule(shard_.context.options.request_head_timeout);
  return true;
}

/// Returns false when more input is needed or the request was refused.
bool HttpConnection::parse() {
  const transport::HttpParser::Progress progress = parser_->feed(input_);
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
  keep_alive_ = parser_->keep_alive();
  asking_ = parser_->held_bytes();
  transport::HttpRequest request = parser_->take();
  parser_.reset();
  handle(std::move(request));
  return true;
}

void HttpConnection::wait_for_more() {
  if (parser_->head_complete() && !body_timed_) {
    body_timed_ = true;
    schedule(shard_.context.options.request_body_timeout);
  }
  if (!parser_->expects_continue() || continued_) return;
  continued_ = true;
  std::string interim;
  transport::append_continue(interim);
  socket_.write(interim);  // 25 bytes into an empty buffer; a client that does not get them sends its body anyway
}

void HttpConnection::resume() {
  paused_ = false;
  advance();
  if (!finished_ && !paused_) serve(false);
  settle();
}

void HttpConnection::write(Written part) {
  const std::size_t before = sent_;
  while (sent_ < output_.size()) {
    const transport::IoResult result = socket_.write(std::string_view(output_).substr(sent_));
    if (result.status == transport::IoStatus::would_block) {
      if (part == Written::first || sent_ != before) wait_for_reader();
      return;
    }
    if (result.status != transport::IoStatus::done) return finish();
    sent_ += result.bytes;
  }
  release(output_);
  sent_ = 0;
  asking_ = 0;
  place_.waits();
  keep_alive_ ? await_request() : linger();
}

void HttpConnection::wait_for_reader() {
  read_on_ = shard_.loop.now();
  unacknowledged_ = socket_.unacknowledged();
  place_.waits();
  schedule(kReaderCheck);
}

/// The kernel accepts more output only in large steps, so a slow reader is recognised by what its kernel acknowledges.
bool HttpConnection::is_being_read() {
  const std::size_t left = socket_.unacknowledged();
  if (left == 0 || left < unacknowledged_) read_on_ = shard_.loop.now();
  unacknowledged_ = left;
  return shard_.loop.now() - read_on_ < shard_.context.options.unread_answer_timeout;
}

void HttpConnection::await_request() {
  stage_ = Stage::request;
  release(path_);
  release(origin_);
  const auto keep_alive = shard_.context.options.keep_alive_timeout;
  keep_alive_end_ = shard_.loop.now() + keep_alive;
  read_on_ = shard_.loop.now();
  unacknowledged_ = socket_.unacknowledged();
  schedule(unacknowledged_ == 0 ? keep_alive : std::min(keep_alive, kReaderCheck));
}

void HttpConnection::linger() {
  // close(2) with unread input would send a reset that may overtake the answer.
  stage_ = Stage::lingering;
  socket_.shutdown_write();
  schedule(transport::Socket::kLingerWait);
}

void HttpConnection::on_timer() {
  if (finished_) return;
  switch (stage_) {
    case Stage::proxy_header:
      return drop(Dropped::proxy_header);
    case Stage::lingering:
      return finish();
    case Stage::writing:
      return is_being_read() ? schedule(kReaderCheck) : drop(Dropped::unread_answer);
    case Stage::answering:
      refuse(503, "No answer in time");
      return settle();
    case Stage::request: {
      if (request_ > 0 && !parser_) {
        const auto left = keep_alive_end_ - shard_.loop.now();
        if (!is_being_read()) return drop(Dropped::unread_answer);
        if (left <= runtime::SteadyTime::duration::zero()) return finish();
        const auto remaining = std::chrono::ceil<std::chrono::milliseconds>(left);
        return schedule(unacknowledged_ == 0 ? remaining : std::min(remaining, kReaderCheck));
      }
      // During an unfinished TLS handshake no answer can be sent.
      if (!socket_.is_established()) return drop(Dropped::tls_timeout);
      refuse(408, "Request Timeout");
      return settle();
    }
  }
}

void HttpConnection::settle() {
  if (finished_) return;
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
  if (!finished_) {
    const std::size_t parsed = parser_ ? parser_->held_bytes() : 0;
    now.set(HeldKind::requests, held_by(input_) + held_by(path_) + held_by(origin_) + parsed + asking_);
    now.set(HeldKind::answers, held_by(output_));
    now.set(socket_.is_established() ? HeldKind::tls_records : HeldKind::tls_handshakes, socket_.tls_bytes());
  }
  if (now != held_bytes()) shard_.memory.account(*this, now);
}

void HttpConnection::schedule(std::chrono::milliseconds from_now) {
  shard_.wheel.schedule(*this, shard_.loop.now() + from_now);
}

void HttpConnection::finish_if_idle() {
  if (stage_ == Stage::request && !parser_) finish();
}

/// The peer has closed or reset the connection, or sent invalid TLS.
void HttpConnection::lost() {
  if (const std::string problem = socket_.tls_problem(); !problem.empty()) return drop(Dropped::tls, problem);
  finish();
}

void HttpConnection::drop(Dropped reason, std::string_view detail) {
  if (finished_) return;
  shard_.reports.dropped(reason, detail, client_);
  finish();
}

void HttpConnection::finish() {
  if (finished_) return;
  finished_ = true;
  account();
  cancel();
  shard_.loop.unwatch(socket_.fd(), *this);
  socket_.close();
  place_ = {};
  shard_.connections.remove(*this);
}

}  // namespace nx::gateway
