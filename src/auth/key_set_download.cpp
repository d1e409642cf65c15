#include "auth/key_set_download.hpp"

#include <utility>

namespace nx::auth {
namespace {

using http_client::Cause;

Error error_for(const http_client::Failure& failure) {
  switch (failure.cause) {
    case Cause::ended:
      return {ErrorKind::unavailable, "cancelled"};
    case Cause::too_large:
      return {ErrorKind::invalid, "the key set is larger than 256 KiB, or its header fields and trailers than 64 KiB"};
    case Cause::untrusted:
      return {ErrorKind::unavailable, failure.message + ": is it issued by the CA of SIGNAL_JWKS_TLS_CA?"};
    case Cause::unavailable:
      break;
  }
  return {ErrorKind::unavailable, failure.message};
}

}  // namespace

KeySetDownload::KeySetDownload(std::string url, std::chrono::milliseconds timeout, std::string tls_ca)
    : client_({.url = std::move(url),
               .timeout = timeout,
               .headers = {"Accept: application/json, application/jwk-set+json"},
               .max_body_bytes = kMaxKeySetBytes,
               .tls_ca = std::move(tls_ca)}) {}

Result<std::string> KeySetDownload::get() {
  auto outcome = client_.get();
  if (!outcome) return tl::unexpected<Error>(error_for(outcome.error()));
  if (outcome->status != 200) return fail(ErrorKind::unavailable, "HTTP status " + std::to_string(outcome->status));
  return std::move(outcome->body);
}

void KeySetDownload::cancel() {
  client_.end_by(std::chrono::steady_clock::time_point::min());
}

}  // namespace nx::auth
