#pragma once
// Requests as they come over the wire, and how they are refused.

#include <string>

#include "transport/http_parser.hpp"

namespace nx::transport {

inline int refusal_of(const std::string& bytes) {
  HttpParser parser;
  const auto progress = parser.feed(bytes);
  return progress.status == HttpParser::Status::failed ? progress.error_status : 0;
}

inline std::string with_headers(const std::string& headers, const std::string& body = {}) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}

}  // namespace nx::transport
