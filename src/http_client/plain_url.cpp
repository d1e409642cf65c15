#include "http_client/plain_url.hpp"

#include <memory>

#include <curl/curl.h>

namespace nx::http_client {
namespace {

struct Deleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, Deleter> owned(text);
  return owned.get();
}

}  // namespace

bool is_plain_off_loopback(const std::string& text) {
  const std::unique_ptr<CURLU, Deleter> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return false;
  const std::string host = url_part(url.get(), CURLUPART_HOST);
  return url_part(url.get(), CURLUPART_SCHEME) == "http" && host != "localhost" && host != "[::1]" &&
         !host.starts_with("127.");
}

}  // namespace nx::http_client
