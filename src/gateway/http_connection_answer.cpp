// How a request is answered: the check whether it may be served, the upgrade, and the answer itself.

#include <utility>

#include "gateway/http_connection.hpp"
#include "gateway/plain_error.hpp"
#include "gateway/shard_parts.hpp"
#include "transport/cidr.hpp"
#include "transport/ws_upgrade.hpp"

namespace nx::gateway {

namespace {

// longer than any statement's limit; ends the wait for a handler that lost its answer
constexpr std::chrono::milliseconds kAnswerTimeout{30'000};
constexpr int kYieldReads = 16;

/// Health routes are answered over every limit: a balancer must learn that the instance is alive.
bool is_health(std::string_view path) {
  return path == "/health" || path.starts_with("/health/");
}

std::string_view message_of(Admission::Verdict verdict) {
  switch (verdict) {
    case Admission::Verdict::admitted:
      break;
    case Admission::Verdict::full:
      return "Too many connections";
    case Admission::Verdict::address_full:
      return "Too many connections from this address";
    case Admission::Verdict::too_many_handshakes:
      return "Too many handshakes";
    case Admission::Verdict::address_handshakes:
      return "Too many handshakes from this address";
  }
  return {};
}

}  // namespace

void HttpConnection::handle(transport::HttpRequest request) {
  ++request_;
  path_ = request.path;
  origin_ = request.header("Origin");
  head_only_ = request.method == "HEAD";
  client_ = transport::client_address(peer_, request.list("X-Forwarded-For"), shard_.context.trusted_proxies);
  request.peer_address = client_.text();
  request.over_tls =
      socket_.is_tls() || shard_.context.options.tls_terminated ||
      transport::client_uses_tls(peer_, request.list("X-Forwarded-Proto"), shard_.context.trusted_proxies);
  stage_ = Stage::answering;
  schedule(kAnswerTimeout);
  place_.busy();
  if (!may_be_served(request)) return;
  // A proxy that believes that the upgrade succeeded would send requests of its next client over this connection.
  if (transport::check_upgrade(request).kind != transport::WsUpgrade::Kind::none) keep_alive_ = false;
  if (shard_.context.origin_policy.is_preflight(request))
    return answer(shard_.context.origin_policy.preflight(request));
  const std::string& stream = shard_.context.options.ws_path;
  if (!stream.empty() && request.path == stream) return handle_stream(std::move(request));
  shard_.handler.ask(std::move(request), key_, request_);
}

bool HttpConnection::may_be_served(const transport::HttpRequest& request) {
  if (!place_.is_guest()) return true;
  if (shard_.context.options.serves_over_limits || is_health(request.path)) {
    keep_alive_ = false;
    return true;
  }
  const AddressRule rule = peer_named_ ? AddressRule::counted : shard_.context.address_rule(peer_);
  const Admission::Verdict verdict = place_.promote(peer_, rule);
  if (verdict == Admission::Verdict::admitted) return true;
  refuse(503, message_of(verdict));
  return false;
}

void HttpConnection::handle_stream(transport::HttpRequest request) {
  using Kind = transport::WsUpgrade::Kind;
  const transport::WsUpgrade asked = transport::check_upgrade(request);
  if (asked.kind == Kind::accepted) return handle_upgrade(request, asked.accept);
  if (asked.kind == Kind::other_method) return shard_.handler.ask(std::move(request), key_, request_);
  const int status = asked.kind == Kind::none ? 426 : asked.status;
  const std::string_view reason = asked.kind == Kind::none ? "Upgrade Required" : asked.reason;
  shard_.reports.refused(status, reason, client_);
  transport::HttpResponse response = plain_error(status, reason, path_);
  if (status == 426) {
    for (transport::HttpHeader& header : transport::upgrade_required().headers)
      response.headers.push_back(std::move(header));
  }
  answer(std::move(response));
}

void HttpConnection::handle_upgrade(const transport::HttpRequest& request, const std::string& accept) {
  if (!shard_.context.keeps_connections.load(std::memory_order_relaxed)) return refuse(503, "Server shutting down");
  if (!shard_.context.origin_policy.allows(origin_)) return refuse(403, "Origin not allowed");
  if (shard_.context.options.refuse_upgrade) {
    if (auto refusal = shard_.context.options.refuse_upgrade(request)) {
      shard_.reports.refused(refusal->status, "Upgrade not allowed here", client_);
      return answer(std::move(*refusal));
    }
  }
  const bool named = peer_named_ || client_ != peer_;
  const Admission::Verdict verdict = place_.upgrade(named ? &client_ : nullptr);
  if (verdict == Admission::Verdict::admitted) return upgrade(accept);
  refuse(503, message_of(verdict));
}

void HttpConnection::upgrade(const std::string& accept) {
  std::string head;
  transport::append_switching_protocols(head, accept);
  const transport::IoResult written = socket_.write(head);
  // The kernel's send buffer was empty: a peer whose buffer cannot even take this answer is treated as gone.
  if (written.status != transport::IoStatus::done || written.bytes != head.size()) return drop(Dropped::unread_answer);
  detach();
  shard_.connections.upgrade(*this, std::move(socket_), client_, std::move(place_), input_);
}

void HttpConnection::respond(std::uint64_t request, transport::HttpResponse response) {
  if (is_finished() || stage_ != Stage::answering || request != request_) return;
  answer(std::move(response));
  if (!is_finished() && stage_ == Stage::request) advance();
  settle();
}

void HttpConnection::answer(transport::HttpResponse response) {
  shard_.context.origin_policy.allow_reading(response, origin_);
  transport::forbid_sniffing(response);
  keep_alive_ = keep_alive_ && shard_.context.keeps_connections.load(std::memory_order_relaxed);
  transport::append_response(answer_.buffer(), response,
                             keep_alive_ ? transport::AfterResponse::keep_open : transport::AfterResponse::close,
                             head_only_ ? transport::ResponseBody::omit : transport::ResponseBody::send);
  stage_ = Stage::writing;
  write(Written::first);
}

void HttpConnection::write(Written part) {
  switch (answer_.write(socket_)) {
    case AnswerWriter::Progress::failed:
      return finish();
    case AnswerWriter::Progress::none:
      return part == Written::first ? wait_for_reader() : void();
    case AnswerWriter::Progress::some:
      return wait_for_reader();
    case AnswerWriter::Progress::done:
      break;
  }
  asking_ = 0;
  place_.waits();
  keep_alive_ ? await_request() : linger();
}

void HttpConnection::wait_for_reader() {
  if (yields_) return finish();
  answer_.begin_watch(socket_, shard_.loop.now());
  place_.waits();
  schedule(kReaderCheck);
}

/// Under TLS one read gives one record, and a request may have come in several.
void HttpConnection::read_what_came() {
  for (int i = 0; i < kYieldReads && stage_ == Stage::request; ++i) {
    if (read_once() != transport::IoStatus::done) return advance();
  }
}

void HttpConnection::yield() {
  if (is_finished()) return;
  yields_ = true;
  if (stage_ == Stage::proxy_header) read_proxy_header();
  if (stage_ == Stage::request && socket_.is_established()) read_what_came();
  if (stage_ != Stage::answering) return finish();
  keep_alive_ = false;
  schedule(kYieldWait);
  settle();
}

/// Sends an error for a request that could not be parsed or must not be served, and closes the connection.
void HttpConnection::refuse(int status, std::string_view message) {
  if (arriving_) {
    origin_ = arriving_->parser.field_so_far("Origin");
    head_only_ = false;
    if (const transport::HttpRequest* head = arriving_->parser.head()) path_ = head->path;
  }
  keep_alive_ = false;
  // Behind a proxy a request that could not be parsed names no client, and the previous request may have been of
  // another client.
  shard_.reports.refused(status, message, arriving_ ? peer_ : client_);
  answer(plain_error(status, message, path_));
}

}  // namespace nx::gateway
