#include "transport/http_parser.hpp"

#include <array>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "transport/http_target.hpp"
#include "transport/http_token.hpp"

namespace nx::transport {
namespace {

namespace http = boost::beast::http;
using FieldNode = http::fields::value_type;

// of the list and the tree of Beast, and the overhead of the allocator
constexpr std::size_t kLinksOfANode = 8 * sizeof(void*);

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

std::size_t heap_of(const std::string& text) {
  static const std::size_t kInside = std::string().capacity();
  return text.capacity() > kInside ? text.capacity() + 1 : 0;
}

std::size_t heap_of(const HttpRequest& request) {
  std::size_t sum = request.headers.capacity() * sizeof(HttpHeader) + heap_of(request.method) +
                    heap_of(request.target) + heap_of(request.path) + heap_of(request.query);
  for (const HttpHeader& field : request.headers) sum += heap_of(field.name) + heap_of(field.value);
  return sum;
}

// Beast stores fields without bound; this parser stores at most kMaxFields of the head, and no fields of a trailer.
class Parser : public http::request_parser<http::string_body> {
 public:
  std::size_t field_bytes() const { return field_bytes_; }

  /// Called when the fields of the head were copied.
  void drop_fields() {
    get().clear();
    field_bytes_ = 0;
    fields_ = 0;
  }

 private:
  void on_field_impl(http::field name, boost::beast::string_view name_text, boost::beast::string_view value,
                     boost::beast::error_code& error) override {
    if (++fields_ > HttpParser::kMaxFields) {
      error = http::make_error_code(http::error::header_limit);
      return;
    }
    if (is_header_done()) return;
    get().insert(name, name_text, value);
    field_bytes_ += sizeof(FieldNode) + kLinksOfANode + name_text.size() + value.size();
  }

  std::size_t fields_ = 0;  // of the head, later of the trailer
  std::size_t field_bytes_ = 0;
};

int status_of(const boost::beast::error_code& error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

// Requests that Beast accepts but a server must refuse (RFC 9112 §3.2, §6.1, §6.3), because two parsers could disagree
// on where the request ends or on its host.
bool is_ambiguous(const Parser::value_type& head) {
  const auto lengths = head.count(http::field::content_length);
  const auto encodings = head.count(http::field::transfer_encoding);
  const auto hosts = head.count(http::field::host);
  if (lengths > 1 || encodings > 1 || (lengths > 0 && encodings > 0)) return true;
  // A list of equal lengths (`3, 3`) may be treated as one length, but not every parser does that.
  if (lengths == 1 &&
      view(head[http::field::content_length]).find_first_not_of("0123456789") != std::string_view::npos) {
    return true;
  }
  if (encodings == 1) {
    if (head.version() < 11 || !same_ignoring_case(view(head[http::field::transfer_encoding]), "chunked")) return true;
  }
  return hosts > 1 || (hosts == 0 && head.version() >= 11);
}

// A line that begins with a space continues the previous field (obs-fold, RFC 9112 §5.2); two parsers may disagree on
// it.
bool has_folded_line(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, bytes.find("\r\n\r\n"));
  return head.find("\r\n ") != head.npos || head.find("\r\n\t") != head.npos;
}

// Reads the fields of the head, in the order of the first line of each name, and the target (RFC 9112 §3.2). Returns
// false when the target is invalid.
bool read_head(const Parser::value_type& message, HttpRequest& out) {
  out.method = view(message.method_string());
  out.minor_version = static_cast<int>(message.version() % 10);
  for (const auto& field : message) {
    out.headers.push_back({std::string(view(field.name_string())), std::string(view(field.value()))});
  }
  return set_target(out, view(message.target()));
}

// Beast of Boost 1.81 asserts that a first chunk which is also the last arrives in at least five bytes, but a client
// may split it anywhere (boostorg/beast pull request 2861).
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

  // Called once when the head is complete: checks and stores it. Returns false when the request must be refused.
  bool judge() {
    judged = true;
    const std::string text = std::exchange(raw_head, {});
    if (is_ambiguous(parser.get()) || has_folded_line(text)) return false;
    keep_alive = parser.keep_alive();
    const bool read = read_head(parser.get(), head);
    head_bytes = heap_of(head);
    parser.drop_fields();
    return read;
  }

  // Parses `pending` once and returns how many of its bytes were used.
  std::size_t parse(boost::beast::error_code& error) {
    std::size_t used = 0;
    while (used < pending.size() && !parser.is_done()) {
      // First the head alone, so that it is checked before any of the body is accepted.
      parser.eager(parser.is_header_done());
      const std::string_view rest = std::string_view(pending).substr(used);
      if (parser.is_header_done() && parser.chunked() && may_be_a_torn_last_chunk(rest)) break;
      const std::size_t step = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
      used += step;
      if (error || step == 0) break;
      if (parser.is_header_done() && !judged && !judge()) {
        error = http::make_error_code(http::error::bad_field);
        break;
      }
    }
    if (error == http::error::need_more) error = {};
    return used;
  }

  Parser parser;
  HttpRequest head;      // without body
  std::string raw_head;  // until the head is checked, because Beast consumes it line by line
  std::string pending;   // at most one line of the head or one chunk header
  std::size_t head_bytes = 0;
  std::size_t body_bytes = 0;  // including chunk framing
  bool judged = false;
  bool keep_alive = false;
};

HttpParser::HttpParser() : state_(std::make_unique<State>()) {}
HttpParser::~HttpParser() = default;
HttpParser::HttpParser(HttpParser&&) noexcept = default;
HttpParser& HttpParser::operator=(HttpParser&&) noexcept = default;

std::size_t HttpParser::empty_lines(std::string_view bytes) {
  std::size_t end = 0;
  while (bytes.substr(end).starts_with("\r\n")) end += 2;
  return end;
}

HttpParser::Progress HttpParser::feed(std::string_view bytes) {
  State& s = *state_;
  const std::size_t before = s.pending.size();
  s.pending.append(bytes);
  if (s.judged) {
    s.body_bytes += bytes.size();
  } else {
    s.raw_head.append(bytes);
  }
  boost::beast::error_code error;
  const std::size_t used = s.parse(error);
  if (error) return {Status::failed, bytes.size(), status_of(error)};
  if (s.parser.is_done()) {
    s.pending.clear();
    return {Status::complete, used - std::min(used, before), 0};
  }
  s.pending.erase(0, used);
  // A chunk extension or trailer that does not end, or too many of them.
  if (s.pending.size() > kMaxHeadBytes) return {Status::failed, bytes.size(), s.judged ? 413 : 431};
  if (s.body_bytes > kMaxChunkedBytes) return {Status::failed, bytes.size(), 413};
  return {Status::need_more, bytes.size(), 0};
}

const HttpRequest* HttpParser::head() const {
  return state_->judged ? &state_->head : nullptr;
}

std::string_view HttpParser::field_so_far(std::string_view name) const {
  if (state_->judged) return state_->head.header(name);
  std::string_view rest = state_->raw_head;
  for (auto end = rest.find("\r\n"); end != rest.npos; end = rest.find("\r\n")) {
    const std::string_view line = rest.substr(0, end);
    const auto colon = line.find(':');
    if (colon != line.npos && same_ignoring_case(line.substr(0, colon), name))
      return trim_spaces(line.substr(colon + 1));
    rest.remove_prefix(end + 2);
  }
  return {};
}

std::size_t HttpParser::held_bytes() const {
  return state_->pending.capacity() + state_->raw_head.capacity() + state_->head_bytes + state_->parser.field_bytes() +
         state_->parser.get().body().capacity();
}

bool HttpParser::expects_continue() const {
  const State& s = *state_;
  return s.judged && !s.parser.is_done() && s.head.minor_version >= 1 &&
         same_ignoring_case(s.head.header("Expect"), "100-continue");
}

bool HttpParser::keep_alive() const {
  return state_->keep_alive;
}

HttpRequest HttpParser::take() {
  HttpRequest request = std::move(state_->head);
  request.body = std::move(state_->parser.get().body());
  return request;
}

}  // namespace nx::transport
