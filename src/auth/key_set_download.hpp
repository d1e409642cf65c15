#pragma once
// One HTTP GET of the key set, blocking, on the thread of its owner (docs/security.md#the-key-set). libcurl is seen in
// this file's source only.

#include <chrono>
#include <memory>
#include <string>

#include "model/result.hpp"

namespace nx::auth {

constexpr std::size_t kMaxKeySetBytes = 256 * 1024;  // docs/security.md#the-key-set

class KeySetDownload {
 public:
  /// `tls_ca`: PEM file of what alone is trusted; empty: the system's certificates.
  KeySetDownload(std::string url, std::chrono::milliseconds timeout, std::string tls_ca = {});
  ~KeySetDownload();
  KeySetDownload(const KeySetDownload&) = delete;
  KeySetDownload& operator=(const KeySetDownload&) = delete;

  /// The body of a 200. No redirect is followed, no proxy of the environment is used. One thread at a time.
  Result<std::string> get();

  /// Any thread: ends a running get() and every later one at once.
  void cancel();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `http://` to a host that is neither localhost nor a loopback address: keys could be swapped on the way.
bool is_plain_off_loopback(const std::string& url);

}  // namespace nx::auth
