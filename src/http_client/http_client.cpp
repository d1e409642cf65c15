#include "http_client/http_client.hpp"

#include <algorithm>
#include <atomic>
#include <new>
#include <stdexcept>
#include <utility>

#include <curl/curl.h>

namespace nx::http_client {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 100;  // the longest time between two calls of `meanwhile`

struct Deleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using Easy = std::unique_ptr<CURL, Deleter>;
using Headers = std::unique_ptr<curl_slist, Deleter>;

/// The answer as far as it has arrived.
struct Received {
  std::size_t max_body_bytes;
  std::string body{};
  std::size_t header_bytes = 0;
};

// If a callback returns another size than the given one, libcurl ends the transfer with CURLE_WRITE_ERROR.

std::size_t append(char* data, std::size_t size, std::size_t count, void* received) {
  auto& answer = *static_cast<Received*>(received);
  if (answer.body.size() + size * count > answer.max_body_bytes) return 0;
  answer.body.append(data, size * count);
  return size * count;
}

/// Counts trailers too, which libcurl would store without a bound.
std::size_t count_header(char*, std::size_t size, std::size_t count, void* received) {
  auto& seen = static_cast<Received*>(received)->header_bytes;
  seen += size * count;
  return seen > kMaxHeaderBytes ? 0 : size * count;
}

Headers list_of(const std::vector<std::string>& lines) {
  Headers list;
  for (const std::string& line : lines) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)list.release();  // `longer` owns these lines now
    list.reset(longer);
  }
  return list;
}

tl::unexpected<Failure> fail(Cause cause, std::string message) {
  return tl::unexpected<Failure>(Failure{cause, std::move(message)});
}

tl::unexpected<Failure> failure_of(CURLcode result) {
  switch (result) {
    case CURLE_WRITE_ERROR:
      return fail(Cause::too_large, "the answer is larger than its bound");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return fail(Cause::untrusted, curl_easy_strerror(result));
    default:
      return fail(Cause::unavailable, curl_easy_strerror(result));
  }
}

Answer answer_of(CURL* easy, Received received) {
  long status = 0;
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  Answer answer{.status = static_cast<int>(status), .body = std::move(received.body), .retry_after = {}};
  if (retry_after > 0) answer.retry_after = std::chrono::seconds{retry_after};
  return answer;
}

}  // namespace

struct HttpClient::State {
  HttpClientOptions options;
  Headers headers;
  std::unique_ptr<CURLM, MultiDeleter> multi;  // keeps the connection; its poll can be woken
  std::atomic<Clock::time_point> end{Clock::time_point::max()};

  /// A handle of its own for each request, so that no TLS session is resumed: each new connection verifies the
  /// certificate. The handle borrows `received`.
  Easy prepare(Received& received) const {
    Easy easy(curl_easy_init());
    if (!easy) throw std::bad_alloc();
    CURL* const e = easy.get();
    const auto timeout = static_cast<long>(options.timeout.count());
    curl_easy_setopt(e, CURLOPT_URL, options.url.c_str());
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name server
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, timeout);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, timeout);
    curl_easy_setopt(e, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.tls_ca.empty()) {
      curl_easy_setopt(e, CURLOPT_CAINFO, options.tls_ca.c_str());
      curl_easy_setopt(e, CURLOPT_CAPATH, nullptr);       // otherwise the system's folder would be trusted too
      curl_easy_setopt(e, CURLOPT_CA_CACHE_TIMEOUT, 0L);  // otherwise a new file would be read only after a day
    }
    if (!options.verify) {
      curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
      curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(e, CURLOPT_USERAGENT, "nx-signal");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, &received);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, count_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, &received);
    return easy;
  }

  tl::expected<void, Failure> run(const std::function<void()>& meanwhile) const {
    for (int running = 1; running > 0;) {
      if (Clock::now() >= end.load(std::memory_order_relaxed)) return fail(Cause::ended, "the request was ended");
      if (curl_multi_perform(multi.get(), &running) != CURLM_OK)
        return fail(Cause::unavailable, "libcurl cannot run the transfer");
      if (running == 0) break;
      curl_multi_poll(multi.get(), nullptr, 0, kPollMs, nullptr);
      if (meanwhile) meanwhile();
    }
    int left = 0;
    const CURLMsg* const message = curl_multi_info_read(multi.get(), &left);
    if (message == nullptr || message->msg != CURLMSG_DONE)
      return fail(Cause::unavailable, "libcurl reports no result");
    if (message->data.result != CURLE_OK) return failure_of(message->data.result);
    return {};
  }
};

HttpClient::HttpClient(HttpClientOptions options) : state_(std::make_unique<State>()) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
  options.timeout = std::max(options.timeout, std::chrono::milliseconds(1));  // for libcurl 0 means no time-out
  state_->options = std::move(options);
  state_->headers = list_of(state_->options.headers);
  state_->multi.reset(curl_multi_init());
  if (!state_->multi) throw std::bad_alloc();
}

HttpClient::~HttpClient() {
  state_.reset();
  curl_global_cleanup();
}

Outcome HttpClient::get() {
  return send(nullptr, {});
}

Outcome HttpClient::post(const std::string& body, const std::function<void()>& meanwhile) {
  return send(&body, meanwhile);
}

Outcome HttpClient::send(const std::string* body, const std::function<void()>& meanwhile) {
  Received received{.max_body_bytes = state_->options.max_body_bytes};
  const Easy easy = state_->prepare(received);
  if (body != nullptr) {
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, body->c_str());
  }
  if (curl_multi_add_handle(state_->multi.get(), easy.get()) != CURLM_OK)
    return fail(Cause::unavailable, "libcurl does not accept the transfer");
  const auto done = state_->run(meanwhile);
  curl_multi_remove_handle(state_->multi.get(), easy.get());
  if (!done) return tl::unexpected<Failure>(done.error());
  return answer_of(easy.get(), std::move(received));
}

void HttpClient::end_by(Clock::time_point time) {
  state_->end.store(time, std::memory_order_relaxed);
  curl_multi_wakeup(state_->multi.get());
}

}  // namespace nx::http_client
