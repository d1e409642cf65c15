#include "app/admin_guard.hpp"

#include <string>

#include <gtest/gtest.h>

namespace nx::app {
namespace {

int status_for(const std::string& host) {
  transport::HttpHandler guarded =
      guard_host(transport::HostNames::of_listener("127.0.0.1"),
                 [](transport::HttpRequest, runtime::EventLoop&, const transport::Respond& respond) {
                   respond({.status = 200, .headers = {}, .body = {}});
                 });
  transport::HttpRequest request;
  request.method = "GET";
  request.target = request.path = "/metrics";
  if (!host.empty()) request.headers.push_back({"Host", host});
  runtime::EventLoop loop("test");
  int status = 0;
  guarded(std::move(request), loop, [&status](transport::HttpResponse response) { status = response.status; });
  return status;
}

TEST(AdminGuard, AnswersItsOwnNamesAlone) {
  EXPECT_EQ(status_for("127.0.0.1:9464"), 200);
  EXPECT_EQ(status_for("localhost:9464"), 200);
  EXPECT_EQ(status_for("[::1]:9464"), 200);
  EXPECT_EQ(status_for("rebound.evil.example:9464"), 403);
  EXPECT_EQ(status_for(""), 403);
}

}  // namespace
}  // namespace nx::app
