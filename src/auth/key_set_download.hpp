#pragma once
// One HTTP GET of the key set, blocking, on the thread of its owner (docs/security.md#the-key-set). Only the source
// file includes libcurl.

#include <chrono>
#include <memory>
#include <string>

#include "model/result.hpp"

namespace nx::auth {

constexpr std::size_t kMaxKeySetBytes = 256 * 1024;  // docs/security.md#the-key-set

class KeySetDownload {
 public:
  /// `tls_ca` is a PEM file with the only certificates to trust; empty: those of the system.
  KeySetDownload(std::string url, std::chrono::milliseconds timeout, std::string tls_ca = {});
  ~KeySetDownload();
  KeySetDownload(const KeySetDownload&) = delete;
  KeySetDownload& operator=(const KeySetDownload&) = delete;

  /// Returns the body of a 200. Follows no redirect and uses no proxy of the environment. One thread at a time.
  Result<std::string> get();

  /// Any thread: ends a running get(), and makes every later one return at once.
  void cancel();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// True for `http://` to a host that is neither localhost nor a loopback address: keys could be replaced on the way.
bool is_plain_off_loopback(const std::string& url);

}  // namespace nx::auth
