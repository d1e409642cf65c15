#include "gateway/http_connection.hpp"

#include <memory>
#include <utility>

#include "gateway/plain_error.hpp"
#include "gateway/shard.hpp"
#include "transport/cidr.hpp"
#include "transport/ws_upgrade.hpp"

namespace nx::gateway {

namespace {

constexpr std::chrono::milliseconds kLingerWait{2'000};
constexpr int kReadsPerTurn = 16;
constexpr int kRequestsPerTurn = 32;  // sent ahead and answered at once; others want their turn too
constexpr std::chrono::milliseconds kAnswerTimeout{
    30'000};  // beyond every statement's limit: a handler that lost its answer
constexpr std::chrono::milliseconds kWriteTimeout{30'000};  // as TCP_USER_TIMEOUT

}  // namespace

HttpConnection::HttpConnection(Shard& shard, transport::Socket socket, fanout::SeatKey key,
                               const transport::IpAddress& peer)
    : shard_(shard), socket_(std::move(socket)), key_(key), peer_(peer), client_(peer) {}

void HttpConnection::start() {
  interest_ = runtime::Ready::kRead;
  shard_.loop().watch(socket_.fd(), *this, interest_);
  schedule(shard_.options().request_head_timeout);
  if (transport::contains(shard_.trusted_proxies(), peer_)) {
    stage_ = Stage::proxy_header;
  } else {
    begin_requests();
  }
}

void HttpConnection::begin_requests() {
  stage_ = Stage::request;
  if (const auto context = shard_.tls(); context && !socket_.start_tls(*context)) finish();
}

void HttpConnection::on_ready(std::uint32_t ready) {
  using runtime::Ready;
  if (finished_) return;
  if (stage_ == Stage::proxy_header) read_proxy_header();
  const bool broken = (ready & (Ready::kError | Ready::kHangUp)) != 0;
  if (!finished_ && stage_ == Stage::writing) {
    write();
    if (!finished_ && stage_ == Stage::request) advance();
  } else if (!finished_ && (stage_ == Stage::request || stage_ == Stage::lingering)) {
    read();
  } else if (!finished_ && broken) {
    finish();
  }
  watch();
}

void HttpConnection::read() {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const std::span<char> buffer = shard_.read_buffer();
    const transport::IoResult result = socket_.read(buffer);
    if (result.status == transport::IoStatus::would_block) return;
    if (result.status != transport::IoStatus::done) return finish();
    if (stage_ == Stage::lingering) continue;
    input_.append(buffer.data(), result.bytes);
    advance();
    if (finished_ || resting_ || (stage_ != Stage::request && stage_ != Stage::lingering)) return;
  }
}

void HttpConnection::advance() {
  int begun = 0;
  while (!finished_ && stage_ == Stage::request && !input_.empty()) {
    if (!parser_) {
      if (begun++ == kRequestsPerTurn) {
        resting_ = true;
        return shard_.advance_again(key_);
      }
      parser_.emplace();
      body_timed_ = false;
      continued_ = false;
      if (request_ > 0) schedule(shard_.options().request_head_timeout);
    }
    const transport::HttpParser::Progress progress = parser_->feed(input_);
    input_.erase(0, progress.used);
    switch (progress.status) {
      case transport::HttpParser::Status::need_more:
        if (parser_->head_complete() && !body_timed_) {
          body_timed_ = true;
          schedule(shard_.options().request_body_timeout);
        }
        if (parser_->expects_continue() && !continued_) {
          continued_ = true;
          std::string interim;
          transport::append_continue(interim);
          socket_.write(interim);  // 25 bytes into an empty buffer; a client that misses them sends its body anyway
        }
        return;
      case transport::HttpParser::Status::failed:
        return refuse(progress.error_status, transport::reason_phrase(progress.error_status));
      case transport::HttpParser::Status::complete: {
        keep_alive_ = parser_->keep_alive();
        transport::HttpRequest request = parser_->take();
        parser_.reset();
        handle(std::move(request));
        break;
      }
    }
  }
}

void HttpConnection::go_on() {
  resting_ = false;
  advance();
  watch();
}

void HttpConnection::handle(transport::HttpRequest request) {
  ++request_;
  path_ = request.path;
  origin_ = request.header("Origin");
  head_only_ = request.method == "HEAD";
  client_ = transport::client_address(peer_, request.list("X-Forwarded-For"), shard_.trusted_proxies());
  request.peer_address = client_.text();
  request.over_tls = socket_.is_tls();
  stage_ = Stage::answering;
  schedule(kAnswerTimeout);
  if (OriginPolicy::is_preflight(request)) return answer(shard_.origins().preflight(request));
  if (request.path == shard_.options().ws_path) return handle_upgrade(request);
  shard_.ask_handler(std::move(request), key_, request_);
}

void HttpConnection::handle_upgrade(const transport::HttpRequest& request) {
  const transport::WsUpgrade asked = transport::check_upgrade(request);
  if (asked.kind != transport::WsUpgrade::Kind::accepted) {
    const bool plain = asked.kind == transport::WsUpgrade::Kind::none;
    const int status = plain ? 426 : asked.status;
    transport::HttpResponse response = plain_error(status, plain ? "Upgrade Required" : asked.reason, path_);
    if (status == 426) {
      for (transport::HttpHeader& header : transport::upgrade_required().headers)
        response.headers.push_back(std::move(header));
    }
    return answer(std::move(response));
  }
  if (!shard_.keeps_connections()) return answer(plain_error(503, "Server shutting down", path_));
  if (!shard_.origins().allows(origin_)) return answer(plain_error(403, "Origin not allowed", path_));
  if (shard_.options().refuse_upgrade) {
    if (auto refusal = shard_.options().refuse_upgrade(request)) return answer(std::move(*refusal));
  }
  const bool named = peer_named_ || client_ != peer_;
  const AddressRule rule = !named && client_.is_loopback_or_private() ? AddressRule::exempt : AddressRule::counted;
  switch (shard_.admission().enter(client_, rule)) {
    case Admission::Verdict::admitted:
      return upgrade(asked.accept, rule);
    case Admission::Verdict::full:
      return answer(plain_error(503, "Too many connections", path_));
    case Admission::Verdict::address_full:
      return answer(plain_error(503, "Too many connections from this address", path_));
    case Admission::Verdict::too_many_handshakes:
      return answer(plain_error(503, "Too many handshakes", path_));
  }
}

void HttpConnection::upgrade(const std::string& accept, AddressRule rule) {
  transport::append_switching_protocols(output_, accept);
  const transport::IoResult written = socket_.write(output_);
  if (written.status != transport::IoStatus::done || written.bytes != output_.size()) {
    shard_.admission().handshake_ended();  // the kernel's buffer was empty: a peer that does not even take this is gone
    shard_.admission().leave(client_, rule);
    return finish();
  }
  finished_ = true;
  cancel();
  shard_.loop().unwatch(socket_.fd(), *this);
  shard_.upgraded(*this, std::move(socket_), {client_, rule}, input_);
}

void HttpConnection::respond(std::uint64_t request, transport::HttpResponse response) {
  if (finished_ || stage_ != Stage::answering || request != request_) return;
  shard_.origins().allow_reading(response, origin_);
  answer(std::move(response));
  if (!finished_ && stage_ == Stage::request) advance();
  watch();
}

void HttpConnection::answer(transport::HttpResponse response) {
  keep_alive_ = keep_alive_ && shard_.keeps_connections();
  transport::append_response(output_, response,
                             keep_alive_ ? transport::AfterResponse::keep_open : transport::AfterResponse::close,
                             head_only_ ? transport::ResponseBody::omit : transport::ResponseBody::send);
  stage_ = Stage::writing;
  schedule(kWriteTimeout);
  write();
}

void HttpConnection::refuse(int status, std::string_view message) {
  keep_alive_ = false;
  head_only_ = false;
  answer(plain_error(status, message, path_));
}

void HttpConnection::write() {
  while (sent_ < output_.size()) {
    const transport::IoResult result = socket_.write(std::string_view(output_).substr(sent_));
    if (result.status == transport::IoStatus::would_block) return;
    if (result.status != transport::IoStatus::done) return finish();
    sent_ += result.bytes;
  }
  output_ = {};
  sent_ = 0;
  if (!keep_alive_) return linger();
  stage_ = Stage::request;
  schedule(shard_.options().keep_alive_timeout);
}

void HttpConnection::linger() {
  // Closing with unread input would send a reset that may overtake the answer.
  stage_ = Stage::lingering;
  socket_.shutdown_write();
  schedule(kLingerWait);
}

void HttpConnection::on_deadline() {
  if (finished_) return;
  switch (stage_) {
    case Stage::proxy_header:
    case Stage::writing:
    case Stage::lingering:
      return finish();
    case Stage::answering:
      return refuse(503, "No answer in time");
    case Stage::request: {
      const bool idle = request_ > 0 && !parser_;
      const bool secured =
          !socket_.is_tls() || parser_.has_value();  // a TLS handshake that is not finished can not be answered
      if (idle || !secured) return finish();
      refuse(408, "Request Timeout");
      return watch();
    }
  }
}

void HttpConnection::watch() {
  if (finished_) return;
  std::uint32_t wanted = 0;
  if (stage_ == Stage::writing) wanted = socket_.write_interest();
  const bool reads = stage_ == Stage::request || stage_ == Stage::lingering || stage_ == Stage::proxy_header;
  if (reads && !resting_) wanted = socket_.read_interest();
  if (wanted == interest_) return;
  interest_ = wanted;
  shard_.loop().rewatch(socket_.fd(), *this, wanted);
}

void HttpConnection::schedule(std::chrono::milliseconds from_now) {
  shard_.wheel().schedule(*this, shard_.loop().now() + from_now);
}

void HttpConnection::finish_if_idle() {
  if (stage_ == Stage::request && !parser_) finish();
}

void HttpConnection::finish_if_kept_alive() {
  if (request_ > 0) finish_if_idle();
}

void HttpConnection::finish() {
  if (finished_) return;
  finished_ = true;
  cancel();
  shard_.loop().unwatch(socket_.fd(), *this);
  socket_.close();
  shard_.bury(*this);
}

}  // namespace nx::gateway
