#include "transport/http_parser.hpp"

#include <array>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "transport/http_token.hpp"

namespace nx::transport {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

int status_of(const boost::beast::error_code& error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

// What Beast takes and a server must not (RFC 9112 §3.2, §6.1, §6.3): where two readers could disagree on where a
// request ends, or on its host.
bool is_ambiguous(const Parser::value_type& head) {
  const auto lengths = head.count(http::field::content_length);
  const auto encodings = head.count(http::field::transfer_encoding);
  const auto hosts = head.count(http::field::host);
  if (lengths > 1 || encodings > 1 || (lengths > 0 && encodings > 0)) return true;
  // A list of equal lengths (`3, 3`) may be taken as one, and not everybody does.
  if (lengths == 1 &&
      view(head[http::field::content_length]).find_first_not_of("0123456789") != std::string_view::npos) {
    return true;
  }
  if (encodings == 1) {
    if (head.version() < 11 || !same_ignoring_case(view(head[http::field::transfer_encoding]), "chunked")) return true;
  }
  return hosts > 1 || (hosts == 0 && head.version() >= 11);
}

// The path of an origin-form or absolute-form target (RFC 9112 §3.2); `*` and CONNECT's authority stay as they are.
std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !same_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const auto end = target.find_first_of("/?", scheme.size());
    return end == target.npos ? "/" : target.substr(end);
  }
  return target;
}

// Beast of Boost 1.81 asserts that a first chunk which is the last comes in at least five bytes, and no client owes
// that (boostorg/beast pull request 2861).
bool may_be_a_torn_last_chunk(std::string_view rest) {
  constexpr std::string_view kShortestLastChunk = "0\r\n\r\n";
  return rest.size() < kShortestLastChunk.size() && rest.starts_with('0');
}

}  // namespace

struct HttpParser::State {
  State() {
    parser.header_limit(static_cast<std::uint32_t>(kMaxHeadBytes));
    parser.body_limit(kMaxBodyBytes);
  }

  // One run over `pending`: how much of it was used.
  std::size_t parse(boost::beast::error_code& error) {
    std::size_t used = 0;
    while (used < pending.size() && !parser.is_done()) {
      // The head alone first, so that it is judged before any of the body is taken.
      parser.eager(parser.is_header_done());
      const std::string_view rest = std::string_view(pending).substr(used);
      if (parser.is_header_done() && parser.chunked() && may_be_a_torn_last_chunk(rest)) break;
      const std::size_t step = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
      used += step;
      if (error || step == 0) break;
      if (parser.is_header_done() && !judged) {
        judged = true;
        if (is_ambiguous(parser.get())) error = http::make_error_code(http::error::bad_field);
        if (error) break;
      }
    }
    if (error == http::error::need_more) error = {};
    return used;
  }

  Parser parser;
  std::string pending;  // the head as far as it has come, then at most one chunk header
  bool touched = false;
  bool judged = false;
};

HttpParser::HttpParser() : state_(std::make_unique<State>()) {}
HttpParser::~HttpParser() = default;
HttpParser::HttpParser(HttpParser&&) noexcept = default;
HttpParser& HttpParser::operator=(HttpParser&&) noexcept = default;

HttpParser::Progress HttpParser::feed(std::string_view bytes) {
  State& s = *state_;
  s.touched = s.touched || !bytes.empty();
  const std::size_t before = s.pending.size();
  s.pending.append(bytes);
  boost::beast::error_code error;
  const std::size_t used = s.parse(error);
  if (error) return {Status::failed, bytes.size(), status_of(error)};
  if (s.parser.is_done()) {
    s.pending.clear();
    return {Status::complete, used - std::min(used, before), 0};
  }
  s.pending.erase(0, used);
  // A chunk extension or trailer that never ends.
  if (s.pending.size() > kMaxHeadBytes) return {Status::failed, bytes.size(), s.parser.is_header_done() ? 413 : 431};
  return {Status::need_more, bytes.size(), 0};
}

bool HttpParser::untouched() const {
  return !state_->touched;
}

bool HttpParser::head_complete() const {
  return state_->parser.is_header_done();
}

bool HttpParser::expects_continue() const {
  const Parser& parser = state_->parser;
  return parser.is_header_done() && !parser.is_done() && parser.get().version() >= 11 &&
         same_ignoring_case(view(parser.get()[http::field::expect]), "100-continue");
}

bool HttpParser::keep_alive() const {
  return state_->parser.keep_alive();
}

HttpRequest HttpParser::take() {
  auto message = state_->parser.release();
  HttpRequest request;
  request.method = view(message.method_string());
  request.target = view(message.target());
  const std::string_view path_and_query = without_authority(request.target);
  const auto question = path_and_query.find('?');
  request.path = path_and_query.substr(0, question);
  if (question != path_and_query.npos) request.query = path_and_query.substr(question + 1);
  for (const auto& field : message) {
    request.headers.push_back({std::string(view(field.name_string())), std::string(view(field.value()))});
  }
  request.body = std::move(message.body());
  request.minor_version = static_cast<int>(message.version() % 10);
  return request;
}

}  // namespace nx::transport
