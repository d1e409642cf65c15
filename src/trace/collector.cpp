#include "trace/collector.hpp"

#include <algorithm>

#include "json/document.hpp"

namespace nx::trace {
namespace {

using http_client::Cause;

constexpr std::size_t kMaxAnswerBytes = 64UL * 1024;

/// `{"partialSuccess":{"rejectedSpans":"3"}}`; the answer is outside input.
std::size_t rejected_in(const std::string& body) {
  const auto document = json::Document::read(body);
  if (!document || !document->root().is_object()) return 0;
  const json::View partial = document->root().find("partialSuccess");
  const json::View spans = partial.is_object() ? partial.find("rejectedSpans") : json::View{};
  const auto digits = spans ? spans.as_id() : std::nullopt;
  if (!digits || digits->empty() || digits->size() > 9 ||
      !std::ranges::all_of(*digits, [](char c) { return c >= '0' && c <= '9'; }))
    return 0;
  return std::stoul(*digits);
}

std::string traces_of(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url + "/v1/traces";
}

std::string problem_of(const http_client::Failure& failure) {
  switch (failure.cause) {
    case Cause::ended:
      return "the process stops";
    case Cause::too_large:
      return "the answer is larger than 64 KiB, or its header fields and trailers than 64 KiB";
    case Cause::untrusted:
    case Cause::unavailable:
      break;
  }
  return failure.message;
}

}  // namespace

// Without the line `Expect:` libcurl asks before it sends a large body, and waits a second for a collector that does
// not answer.
Collector::Collector(const std::string& url, std::chrono::milliseconds timeout)
    : client_({.url = traces_of(url),
               .timeout = timeout,
               .headers = {"Content-Type: application/json", "Expect:"},
               .max_body_bytes = kMaxAnswerBytes,
               .tls_ca = {}}) {}

Answer Collector::post(const std::string& body, const std::function<void()>& meanwhile, std::string& problem) {
  const auto outcome = client_.post(body, meanwhile);
  if (!outcome) {
    problem = problem_of(outcome.error());
    return {};
  }
  problem = "HTTP status " + std::to_string(outcome->status);
  Answer answer{.status = outcome->status, .retry_after = outcome->retry_after};
  if (outcome->status / 100 == 2) answer.rejected = rejected_in(outcome->body);
  return answer;
}

void Collector::end_by(std::chrono::steady_clock::time_point time) {
  client_.end_by(time);
}

}  // namespace nx::trace
