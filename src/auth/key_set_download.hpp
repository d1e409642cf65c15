#pragma once
// One HTTP GET of the key set, blocking, on the thread of its owner (docs/security.md#the-key-set).

#include <chrono>
#include <cstddef>
#include <string>

#include "http_client/http_client.hpp"
#include "model/result.hpp"

namespace nx::auth {

constexpr std::size_t kMaxKeySetBytes = 256 * 1024;  // docs/security.md#the-key-set

class KeySetDownload {
 public:
  /// `tls_ca` is a PEM file with the only certificates to trust; empty: those of the system.
  KeySetDownload(std::string url, std::chrono::milliseconds timeout, std::string tls_ca = {});

  /// Returns the body of a 200. One thread at a time.
  Result<std::string> get();

  /// Any thread: ends a running get(), and makes every later one return at once.
  void cancel();

 private:
  http_client::HttpClient client_;
};

}  // namespace nx::auth
