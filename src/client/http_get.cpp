#include "client/http_get.hpp"

#include <memory>
#include <new>
#include <stdexcept>

#include <curl/curl.h>

namespace nx::client {
namespace {

constexpr std::size_t kMaxAnswerBytes = 4U * 1024U * 1024U;

struct Deleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kMaxAnswerBytes) return 0;  // curl then ends the transfer with CURLE_WRITE_ERROR
  text.append(data, size * count);
  return size * count;
}

}  // namespace

Result<HttpAnswer> http_get(const HttpQuestion& question) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl can not be initialised");
  const std::unique_ptr<CURL, Deleter> easy(curl_easy_init());
  const std::unique_ptr<curl_slist, Deleter> headers(
      curl_slist_append(nullptr, ("Authorization: Bearer " + question.token).c_str()));
  if (!easy || !headers) throw std::bad_alloc();
  HttpAnswer answer;
  CURL* const e = easy.get();
  const auto timeout = static_cast<long>(question.timeout.count());
  curl_easy_setopt(e, CURLOPT_URL, question.url.c_str());
  curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(e, CURLOPT_PROXY, "");
  curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  curl_easy_setopt(e, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!question.verify) {
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(e, CURLOPT_USERAGENT, "nx-signal");
  curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(e, CURLOPT_WRITEDATA, &answer.body);
  const CURLcode done = curl_easy_perform(e);
  if (done == CURLE_WRITE_ERROR) return fail(ErrorKind::invalid, "the answer is larger than 4 MiB");
  if (done != CURLE_OK) return fail(ErrorKind::unavailable, curl_easy_strerror(done));
  long status = 0;
  curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace nx::client
