#include "transport/ws_upgrade.hpp"

#include <algorithm>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "transport/http_token.hpp"

namespace nx::transport {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
constexpr std::size_t kKeyBytes = 16;

// A list header may be split over several lines (RFC 9110 §5.3).
bool any_line_has_token(const HttpRequest& request, std::string_view name, std::string_view token) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const HttpHeader& header) {
    return same_ignoring_case(header.name, name) && list_has_token(header.value, token);
  });
}

auto lines(const HttpRequest& request, std::string_view name) {
  return std::count_if(request.headers.begin(), request.headers.end(),
                       [&](const HttpHeader& header) { return same_ignoring_case(header.name, name); });
}

WsUpgrade refused(int status, std::string_view reason) {
  return {.kind = WsUpgrade::Kind::refused, .accept = {}, .status = status, .reason = reason};
}

}  // namespace

WsUpgrade check_upgrade(const HttpRequest& request) {
  if (!any_line_has_token(request, "Upgrade", "websocket")) return {};
  if (request.method != "GET") return {.kind = WsUpgrade::Kind::other_method, .accept = {}, .status = 0, .reason = {}};
  if (request.minor_version < 1) return refused(400, "a WebSocket upgrade needs HTTP/1.1");
  if (!any_line_has_token(request, "Connection", "upgrade")) return refused(400, "Connection does not list upgrade");
  if (lines(request, "Sec-WebSocket-Version") != 1 || trim_spaces(request.header("Sec-WebSocket-Version")) != "13") {
    return refused(426, "only WebSocket version 13 is supported");
  }
  const std::string_view key = trim_spaces(request.header("Sec-WebSocket-Key"));
  const auto decoded = crypto::base64_decode(key);
  if (lines(request, "Sec-WebSocket-Key") != 1 || !decoded || decoded->size() != kKeyBytes) {
    return refused(400, "Sec-WebSocket-Key is not base64 of 16 bytes");
  }
  const std::string_view length = request.header("Content-Length");
  if (!request.body.empty() || request.has_header("Transfer-Encoding") ||
      length.find_first_not_of('0') != length.npos) {
    return refused(400, "a WebSocket upgrade has no body");
  }
  return {.kind = WsUpgrade::Kind::accepted,
          .accept = crypto::base64_encode(crypto::sha1(std::string(key).append(kGuid))),
          .status = 101,
          .reason = {}};
}

void append_switching_protocols(std::string& out, std::string_view accept) {
  out.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
      .append(accept)
      .append("\r\n\r\n");
}

HttpResponse upgrade_required() {
  return {.status = 426,
          .headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}},
          .body = {}};
}

}  // namespace nx::transport
