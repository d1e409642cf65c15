#include "auth/key_set_download.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string_view>

#include <curl/curl.h>

namespace nx::auth {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64UL * 1024;

struct Deleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct TextDeleter {
  void operator()(char* text) const { curl_free(text); }
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kMaxKeySetBytes) return 0;  // curl then ends the transfer with CURLE_WRITE_ERROR
  text.append(data, size * count);
  return size * count;
}

/// Counts trailers too, which curl would store without a bound.
std::size_t count_header(char*, std::size_t size, std::size_t count, void* bytes) {
  auto& seen = *static_cast<std::size_t*>(bytes);
  seen += size * count;
  return seen > kMaxHeaderBytes ? 0 : size * count;  // curl then ends the transfer with CURLE_WRITE_ERROR
}

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, TextDeleter> owned(text);
  return owned.get();
}

}  // namespace

struct KeySetDownload::State {
  std::string url;
  std::chrono::milliseconds timeout;
  std::string tls_ca;
  std::unique_ptr<CURLM, MultiDeleter> multi;
  std::atomic<bool> cancelled{false};

  Result<std::string> run(CURL* easy, const std::string& body) {
    // A multi handle for a single transfer, because its poll can be woken: a stop does not wait for a slow server.
    for (int running = 1; running > 0;) {
      if (cancelled) return fail(ErrorKind::unavailable, "cancelled");
      if (curl_multi_perform(multi.get(), &running) != CURLM_OK)
        return fail(ErrorKind::unavailable, "libcurl can not run the transfer");
      if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, 1'000, nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi.get(), &left);
    if (message == nullptr || message->msg != CURLMSG_DONE)
      return fail(ErrorKind::unavailable, "libcurl reports no result");
    if (message->data.result == CURLE_WRITE_ERROR)
      return fail(ErrorKind::invalid,
                  "the key set is larger than 256 KiB, or its header fields and trailers than 64 KiB");
    if (message->data.result == CURLE_PEER_FAILED_VERIFICATION || message->data.result == CURLE_SSL_CACERT_BADFILE) {
      return fail(ErrorKind::unavailable, std::string(curl_easy_strerror(message->data.result)) +
                                              ": is it issued by the CA of SIGNAL_JWKS_TLS_CA?");
    }
    if (message->data.result != CURLE_OK) return fail(ErrorKind::unavailable, curl_easy_strerror(message->data.result));
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return fail(ErrorKind::unavailable, "HTTP status " + std::to_string(status));
    return body;
  }
};

KeySetDownload::KeySetDownload(std::string url, std::chrono::milliseconds timeout, std::string tls_ca)
    : state_(std::make_unique<State>()) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl can not be initialised");
  state_->url = std::move(url);
  state_->tls_ca = std::move(tls_ca);
  state_->timeout = std::max(timeout, std::chrono::milliseconds(1));  // for curl 0 means no time-out
  state_->multi.reset(curl_multi_init());
  if (!state_->multi) throw std::bad_alloc();
}

KeySetDownload::~KeySetDownload() {
  state_.reset();
  curl_global_cleanup();
}

Result<std::string> KeySetDownload::get() {
  std::string body;
  std::size_t header_bytes = 0;
  const std::unique_ptr<CURL, Deleter> easy(curl_easy_init());
  const std::unique_ptr<curl_slist, Deleter> headers(
      curl_slist_append(nullptr, "Accept: application/json, application/jwk-set+json"));
  if (!easy || !headers) throw std::bad_alloc();
  CURL* const e = easy.get();
  const auto timeout = static_cast<long>(state_->timeout.count());
  curl_easy_setopt(e, CURLOPT_URL, state_->url.c_str());
  curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(e, CURLOPT_PROXY, "");
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name server
  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  curl_easy_setopt(e, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!state_->tls_ca.empty()) {
    curl_easy_setopt(e, CURLOPT_CAINFO, state_->tls_ca.c_str());
    curl_easy_setopt(e, CURLOPT_CAPATH, nullptr);  // otherwise the system's folder would be trusted too
  }
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(e, CURLOPT_USERAGENT, "nx-signal");
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(e, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, count_header);
  curl_easy_setopt(e, CURLOPT_HEADERDATA, &header_bytes);
  if (curl_multi_add_handle(state_->multi.get(), e) != CURLM_OK)
    return fail(ErrorKind::unavailable, "libcurl does not accept the transfer");
  auto result = state_->run(e, body);
  curl_multi_remove_handle(state_->multi.get(), e);
  return result;
}

void KeySetDownload::cancel() {
  state_->cancelled = true;
  curl_multi_wakeup(state_->multi.get());
}

bool is_plain_off_loopback(const std::string& text) {
  const std::unique_ptr<CURLU, Deleter> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return false;
  const std::string host = url_part(url.get(), CURLUPART_HOST);
  return url_part(url.get(), CURLUPART_SCHEME) == "http" && host != "localhost" && host != "[::1]" &&
         !host.starts_with("127.");
}

}  // namespace nx::auth
