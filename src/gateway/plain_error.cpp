#include "gateway/plain_error.hpp"

#include <string>

#include "crypto/random.hpp"
#include "json/value.hpp"
#include "model/utf8.hpp"
#include "model/uuid.hpp"

namespace nx::gateway {

transport::HttpResponse plain_error(int status, std::string_view message, std::string_view path) {
  const std::string request_id = uuid_text(crypto::uuid_v4());
  transport::HttpResponse response;
  response.status = status;
  response.headers.push_back({"Content-Type", "application/json"});
  response.headers.push_back({"x-request-id", request_id});
  response.headers.push_back({"Cache-Control", "no-store"});
  if (status == 503) response.headers.push_back({"Retry-After", "2"});
  std::string& body = response.body;
  body = R"({"message":)";
  json::append_string(body, message);
  body += R"(,"statusCode":)" + std::to_string(status) + R"(,"requestId":")" + request_id + R"(","details":{"path":)";
  json::append_string(body, is_utf8(path) ? path : std::string_view{});
  body += "}}";
  return response;
}

}  // namespace nx::gateway
