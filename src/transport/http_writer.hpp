#pragma once
// HTTP responses to bytes (RFC 9112).

#include <string>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::transport {

enum class AfterResponse { keep_open, close };
enum class ResponseBody { send, omit };  // omit: the answer to HEAD, whose Content-Length is still the body's

/// Appends status line, headers, Content-Length, `Connection: close` where it is to be closed, and the body. No body
/// and no length for 1xx, 204 and 304 (RFC 9110 §8.6). A header whose name is no token or whose value has control
/// characters (response splitting) turns the whole answer into an empty 500: it is never sent.
void append_response(std::string& out, const HttpResponse& response, AfterResponse after,
                     ResponseBody body = ResponseBody::send);

/// `X-Content-Type-Options: nosniff`, unless the response has it.
void forbid_sniffing(HttpResponse& response);

/// `HTTP/1.1 100 Continue` and an empty line.
void append_continue(std::string& out);

std::string_view reason_phrase(int status);

}  // namespace nx::transport
