#include "rest/router.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/value.hpp"
#include "model/uuid.hpp"
#include "rest/health.hpp"
#include "rest/replies.hpp"

namespace nx::rest {
namespace {

using transport::HttpRequest;
using transport::HttpResponse;

std::string header(const HttpResponse& response, const std::string& name) {
  std::string found;
  for (const auto& field : response.headers) {
    if (field.name != name) continue;
    EXPECT_EQ(found, "") << name << " twice";
    found = field.value;
  }
  return found;
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const auto answer = [](const char* name) {
      return [name](HttpRequest, const RouteParameters& parameters, runtime::EventLoop&, transport::Respond respond) {
        const auto id = parameters.path.find("id");
        respond(json_reply(std::string{name} + (id == parameters.path.end() ? "" : ":" + id->second)));
      };
    };
    router_.add("GET", "/v1/things/{id}", answer("one"));
    router_.add("GET", "/v1/things/count", answer("count"));
    router_.add("POST", "/v1/things", answer("post"));
    router_.add("GET", "/v1/throws", [](HttpRequest, const RouteParameters&, runtime::EventLoop&, transport::Respond) {
      throw std::runtime_error("secret detail");
    });
  }

  HttpResponse send(const std::string& method, const std::string& target,
                    std::vector<transport::HttpHeader> headers = {}) {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    request.headers = std::move(headers);
    request.headers.push_back({"Host", "signal.test:3000"});
    int answers = 0;
    HttpResponse got;
    router_(std::move(request), loop_, [&](HttpResponse response) {
      ++answers;
      got = std::move(response);
    });
    EXPECT_EQ(answers, 1);
    return got;
  }

  runtime::EventLoop loop_{"router-test"};
  Router router_;
};

TEST_F(RouterTest, FindsByMethodAndExactPath) {
  EXPECT_EQ(send("GET", "/v1/things/7?x=1").body, "one:7");
  EXPECT_EQ(send("GET", "/v1/things/a%20b%2Fc").body, "one:a b/c");
  EXPECT_EQ(send("POST", "/v1/things").body, "post");
}

TEST_F(RouterTest, AFixedPathWinsOverANameWhateverTheOrder) {
  EXPECT_EQ(send("GET", "/v1/things/count").body, "count");
}

TEST_F(RouterTest, HeadIsAnsweredAsGet) {
  EXPECT_EQ(send("HEAD", "/v1/things/7").body, "one:7");
}

TEST_F(RouterTest, AnUnknownMethodOrPathIs404Never405) {
  const std::pair<const char*, const char*> cases[] = {{"PUT", "/v1/things/7"},
                                                       {"OPTIONS", "/v1/things"},
                                                       {"GET", "/v1/things"},
                                                       {"GET", "/v1/things/"},
                                                       {"GET", "/v1/things/7/"},
                                                       {"GET", "/V1/things/7"},
                                                       {"get", "/v1/things/7"},
                                                       {"GET", "//v1/things/7"},
                                                       {"GET", "/v1/things/%zz"},
                                                       {"GET", "/"},
                                                       {"GET", ""},
                                                       {"OPTIONS", "*"}};
  for (const auto& [method, path] : cases) EXPECT_EQ(send(method, path).status, 404) << method << " " << path;
}

TEST_F(RouterTest, The404BodyIsFlat) {
  const auto response = send("GET", "/nope?x=1", {{"X-Request-Id", "r-1"}});

  EXPECT_EQ(response.body, R"({"message":"URL NOT FOUND","statusCode":404,"requestId":"r-1","path":"/nope",)"
                           R"("url":"http://signal.test:3000/nope?x=1"})");
  EXPECT_EQ(header(response, "Content-Type"), "application/json");
}

TEST_F(RouterTest, EchoesAValidRequestId) {
  for (const std::string& id : {std::string{"a"}, std::string(255, 'x'), std::string{"AZaz09_-="}}) {
    EXPECT_EQ(header(send("GET", "/v1/things/7", {{"x-request-id", id}}), "x-request-id"), id);
  }
}

TEST_F(RouterTest, ReplacesAnInvalidRequestIdByANewUuid) {
  for (const std::string& id :
       {std::string{}, std::string(256, 'x'), std::string{"a b"}, std::string{"a\"b"}, std::string{"\xC3\xA9"}}) {
    EXPECT_TRUE(parse_uuid(header(send("GET", "/v1/things/7", {{"x-request-id", id}}), "x-request-id"))) << id;
  }
  EXPECT_NE(header(send("GET", "/nope"), "x-request-id"), header(send("GET", "/nope"), "x-request-id"));
}

TEST_F(RouterTest, AHandlerThatThrowsIsA500WithoutItsReason) {
  const auto response = send("GET", "/v1/throws", {{"x-request-id", "r"}});

  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, R"({"message":"Internal Server Error","statusCode":500,"requestId":"r",)"
                           R"("details":{"url":"http://signal.test:3000/v1/throws","path":"/v1/throws"}})");
}

TEST_F(RouterTest, WhatIsNoTextInTheTargetStillGivesJson) {
  const auto response = send("GET", "/\xff\"\\");

  EXPECT_TRUE(json::parse(response.body)) << response.body;
}

TEST_F(RouterTest, HealthSaysStatusAlone) {
  bool accepting = true;
  bool ready = false;
  add_health_routes(router_, {.accepting = [&] { return accepting; }, .ready = [&] { return ready; }});

  EXPECT_EQ(send("GET", "/health").body, R"({"status":"ok"})");
  EXPECT_EQ(send("GET", "/health/live").status, 200);
  EXPECT_EQ(send("GET", "/health/accept").status, 200);
  EXPECT_EQ(send("GET", "/health/ready").status, 503);
  accepting = false;
  ready = true;
  EXPECT_EQ(send("GET", "/health/accept").status, 503);
  EXPECT_EQ(send("GET", "/health/ready").status, 200);
  EXPECT_EQ(send("GET", "/health/live").status, 200);
  EXPECT_EQ(send("GET", "/health/").status, 404);
}

TEST(RouterReplies, AnAnswerIsTheSameFromWhatIsKeptOfItsRequest) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/things?a=1";
  request.path = "/v1/things";
  request.query = "a=1";
  request.headers = {{"Host", "signal.example"},
                     {"x-request-id", "r1"},
                     {"X-Request-Count", "false"},
                     {"Authorization", "Bearer secret"}};
  request.body = std::string(65'536, 'x');
  request.over_tls = true;
  const BadInput bad{422, "a", "expected nothing"};
  const std::string refusal = bad_input_reply(request, bad).body;
  const std::string single = single_reply(request, std::nullopt).body;

  const HttpRequest kept = kept_for_reply(std::move(request));

  EXPECT_EQ(bad_input_reply(kept, bad).body, refusal);
  EXPECT_EQ(single_reply(kept, std::nullopt).body, single);
  EXPECT_LT(kept.body.capacity() + kept.query.capacity(), 64U);
  EXPECT_FALSE(kept.has_header("authorization"));
}

}  // namespace
}  // namespace nx::rest
