#pragma once
// One GET of a JSON answer, blocking. Only the source file includes libcurl.

#include <chrono>
#include <string>

#include "model/result.hpp"

namespace nx::client {

struct HttpQuestion {
  std::string url;     // http:// or https://, with a path
  std::string token;   // a bearer token
  bool verify = true;  // whether to verify the server's certificate
  std::chrono::milliseconds timeout{10'000};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// Follows no redirect and uses no proxy of the environment, so that the token reaches only the given server. The error
/// says what went wrong with the transfer; an answer with any status is not an error.
Result<HttpAnswer> http_get(const HttpQuestion& question);

}  // namespace nx::client
