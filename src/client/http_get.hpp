#pragma once
// One GET of a JSON answer, blocking. libcurl is seen in this file's source
// only.

#include <chrono>
#include <string>

#include "model/result.hpp"

namespace nx::client {

struct HttpQuestion {
  std::string url;     // http:// or https://, with its path
  std::string token;   // a bearer token
  bool verify = true;  // the server's certificate
  std::chrono::milliseconds timeout{10'000};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// No redirect is followed and no proxy of the environment is used: the token
/// goes where it was meant to. The error says what went wrong on the way; an
/// answer of any status is none.
Result<HttpAnswer> http_get(const HttpQuestion& question);

}  // namespace nx::client
