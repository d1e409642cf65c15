#include "transport/http_writer.hpp"

#include <algorithm>

#include "transport/http_token.hpp"

namespace nx::transport {
namespace {

// RFC 9110 §5.5: visible characters, spaces, tabs and obs-text; no CR, LF, NUL or other control characters.
bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

bool has_no_body(int status) {
  return (status >= 100 && status < 200) || status == 204 || status == 304;
}

void append_status_line(std::string& out, int status) {
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason_phrase(status)).append("\r\n");
}

}  // namespace

void append_response(std::string& out, const HttpResponse& response, AfterResponse after, ResponseBody body) {
  const bool sound = response.status >= 100 && response.status <= 999 &&
                     std::all_of(response.headers.begin(), response.headers.end(), [](const HttpHeader& header) {
                       return is_token(header.name) && is_field_value(header.value);
                     });
  if (!sound) return append_response(out, HttpResponse{.status = 500, .headers = {}, .body = {}}, after, body);

  append_status_line(out, response.status);
  for (const HttpHeader& header : response.headers) {
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (after == AfterResponse::close) out.append("Connection: close\r\n");
  if (has_no_body(response.status)) {
    out.append("\r\n");
    return;
  }
  out.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n\r\n");
  if (body == ResponseBody::send) out.append(response.body);
}

void forbid_sniffing(HttpResponse& response) {
  static constexpr std::string_view kName = "X-Content-Type-Options";
  const bool has = std::ranges::any_of(response.headers,
                                       [](const HttpHeader& header) { return same_ignoring_case(header.name, kName); });
  if (!has) response.headers.push_back({std::string(kName), "nosniff"});
}

void append_continue(std::string& out) {
  append_status_line(out, 100);
  out.append("\r\n");
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "";
  }
}

}  // namespace nx::transport
