#include "client/http_get.hpp"

#include <utility>

namespace nx::client {
namespace {

constexpr std::size_t kMaxAnswerBytes = 4U * 1024U * 1024U;

}  // namespace

Result<http_client::Answer> http_get(const HttpQuestion& question) {
  http_client::HttpClient client({.url = question.url,
                                  .timeout = question.timeout,
                                  .headers = {"Authorization: Bearer " + question.token},
                                  .max_body_bytes = kMaxAnswerBytes,
                                  .tls_ca = {},
                                  .verify = question.verify});
  auto outcome = client.get();
  if (outcome) return std::move(*outcome);
  if (outcome.error().cause == http_client::Cause::too_large) {
    return fail(ErrorKind::invalid, "the answer is larger than 4 MiB, or its header fields and trailers than 64 KiB");
  }
  return fail(ErrorKind::unavailable, std::move(outcome.error().message));
}

}  // namespace nx::client
