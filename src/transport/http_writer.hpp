#pragma once
// Serialises HTTP responses (RFC 9112).

#include <string>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::transport {

enum class AfterResponse { keep_open, close };
enum class ResponseBody { send, omit };  // omit: the answer to HEAD, whose Content-Length is that of the omitted body

/// Appends the status line, the headers, Content-Length, `Connection: close` if the connection will be closed, and the
/// body. 1xx, 204 and 304 have neither body nor length (RFC 9110 §8.6). If a header name is not a token or a value
/// contains control characters (response splitting), an empty 500 is appended instead.
void append_response(std::string& out, const HttpResponse& response, AfterResponse after,
                     ResponseBody body = ResponseBody::send);

/// Adds `X-Content-Type-Options: nosniff` unless the response has that header.
void forbid_sniffing(HttpResponse& response);

/// Appends `HTTP/1.1 100 Continue` and an empty line.
void append_continue(std::string& out);

std::string_view reason_phrase(int status);

}  // namespace nx::transport
