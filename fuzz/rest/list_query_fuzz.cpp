// The query of GET /v1/notifications and the body of POST …/read, from any bytes: whatever is refused is refused with
// valid JSON.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "json/value.hpp"
#include "rest/notification_input.hpp"
#include "rest/notification_list.hpp"

namespace {

template <class T>
void check(const nx::transport::HttpRequest& request, const nx::rest::Input<T>& input) {
  if (input) return;
  const auto reply = nx::rest::bad_input_reply(request, input.error());
  if (reply.status < 400 || reply.status > 499 || !nx::json::parse(reply.body)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  nx::transport::HttpRequest request;
  request.method = "GET";
  request.path = "/v1/notifications";
  request.query = bytes;
  request.target = request.path + "?" + bytes;
  request.body = bytes;
  request.headers = {{"Content-Type", "application/json"}, {"x-request-id", "r"}};
  const auto list = nx::rest::read_list_question(request, {"u1"});
  check(request, list);
  if (list && (list->request.page.limit > 100 || list->request.page.skip > 10'000)) std::abort();
  check(request, nx::rest::read_one_question(request, {"u1"}));
  check(request, nx::rest::read_count_question(request, {"u1"}));
  check(request, nx::rest::read_fields_question(request));
  check(request, nx::rest::read_read_order(request));
  check(request, nx::rest::read_change(request));
  return 0;
}
