#pragma once
// One GET of a JSON answer with a bearer token, blocking.

#include <chrono>
#include <string>

#include "http_client/http_client.hpp"
#include "model/result.hpp"

namespace nx::client {

struct HttpQuestion {
  std::string url;     // http:// or https://, with a path
  std::string token;   // a bearer token
  bool verify = true;  // whether to verify the server's certificate
  std::chrono::milliseconds timeout{10'000};
};

/// No redirect is followed and no proxy used (`HttpClient`), so that the token reaches only the given server. The error
/// says what went wrong with the transfer; an answer with any status is not an error.
Result<http_client::Answer> http_get(const HttpQuestion& question);

}  // namespace nx::client
