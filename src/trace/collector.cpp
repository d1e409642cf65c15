#include "trace/collector.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string_view>

#include <curl/curl.h>

#include "json/document.hpp"

namespace nx::trace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxHeaderBytes = 64UL * 1024;
constexpr std::size_t kMaxAnswerBytes = 64UL * 1024;
constexpr int kPollMs = 100;  // how often `meanwhile` is called

struct Deleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kMaxAnswerBytes) return 0;  // curl then ends the transfer with CURLE_WRITE_ERROR
  text.append(data, size * count);
  return size * count;
}

/// Counts trailers too, which curl would store without a bound.
std::size_t count_header(char*, std::size_t size, std::size_t count, void* bytes) {
  auto& seen = *static_cast<std::size_t*>(bytes);
  seen += size * count;
  return seen > kMaxHeaderBytes ? 0 : size * count;  // curl then ends the transfer with CURLE_WRITE_ERROR
}

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

}  // namespace

struct Collector::State {
  std::string url;
  std::chrono::milliseconds timeout;
  std::unique_ptr<curl_slist, Deleter> headers;
  std::unique_ptr<CURL, Deleter> easy;
  std::unique_ptr<CURLM, MultiDeleter> multi;
  std::atomic<Clock::time_point> end{Clock::time_point::max()};
  std::string received;
  std::size_t header_bytes = 0;

  void prepare() const {
    CURL* const e = easy.get();
    const auto limit = static_cast<long>(timeout.count());
    curl_easy_setopt(e, CURLOPT_URL, url.c_str());
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(e, CURLOPT_PROXY, "");
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name server
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, limit);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, limit);
    curl_easy_setopt(e, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(e, CURLOPT_USERAGENT, "nx-signal");
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, count_header);
  }

  /// Null: the transfer is complete.
  const char* run(const std::function<void()>& meanwhile) const {
    for (int running = 1; running > 0;) {
      if (Clock::now() >= end.load(std::memory_order_relaxed)) return "the process stops";
      if (curl_multi_perform(multi.get(), &running) != CURLM_OK) return "libcurl can not run the transfer";
      if (running == 0) break;
      curl_multi_poll(multi.get(), nullptr, 0, kPollMs, nullptr);
      meanwhile();
    }
    int left = 0;
    const CURLMsg* const message = curl_multi_info_read(multi.get(), &left);
    if (message == nullptr || message->msg != CURLMSG_DONE) return "libcurl reports no result";
    if (message->data.result == CURLE_WRITE_ERROR) {
      return "the answer is larger than 64 KiB, or its header fields and trailers are";
    }
    return message->data.result == CURLE_OK ? nullptr : curl_easy_strerror(message->data.result);
  }
};

Collector::Collector(const std::string& url, std::chrono::milliseconds timeout) : state_(std::make_unique<State>()) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl can not be initialised");
  state_->url = traces_of(url);
  state_->timeout = timeout;
  state_->headers.reset(curl_slist_append(nullptr, "Content-Type: application/json"));
  // Without this libcurl asks before it sends a large body, and waits a second for collectors that do not answer that.
  if (state_->headers) curl_slist_append(state_->headers.get(), "Expect:");
  state_->easy.reset(curl_easy_init());
  state_->multi.reset(curl_multi_init());
  if (!state_->headers || !state_->easy || !state_->multi) throw std::bad_alloc();
  state_->prepare();
}

Collector::~Collector() {
  state_.reset();
  curl_global_cleanup();
}

Answer Collector::post(const std::string& body, const std::function<void()>& meanwhile, std::string& problem) {
  State& state = *state_;
  CURL* const e = state.easy.get();
  state.received.clear();
  state.header_bytes = 0;
  curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(e, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(e, CURLOPT_WRITEDATA, &state.received);
  curl_easy_setopt(e, CURLOPT_HEADERDATA, &state.header_bytes);
  if (curl_multi_add_handle(state.multi.get(), e) != CURLM_OK) {
    problem = "libcurl does not accept the transfer";
    return {};
  }
  const char* const failure = state.run(meanwhile);
  Answer answer;
  if (failure == nullptr) {
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(e, CURLINFO_RETRY_AFTER, &retry_after);
    answer.status = static_cast<int>(status);
    if (retry_after > 0) answer.retry_after = std::chrono::seconds{retry_after};
    if (status / 100 == 2) answer.rejected = rejected_in(state.received);
  }
  problem = failure != nullptr ? failure : "HTTP status " + std::to_string(answer.status);
  curl_multi_remove_handle(state.multi.get(), e);
  return answer;
}

void Collector::end_by(Clock::time_point time) {
  state_->end.store(time, std::memory_order_relaxed);
  curl_multi_wakeup(state_->multi.get());
}

}  // namespace nx::trace
