#include "component/rest/routes_fixture.hpp"

namespace nx::rest {
namespace {

using RefusedRequestsTest = NotificationRoutesTest;

TEST_F(RefusedRequestsTest, WithoutAGoodTokenItIsAlwaysTheSame401) {
  const std::vector<std::string> headers{"",        "u1",         "Basic dTE6",   "bearer u1", "Bearer",
                                         "Bearer ", "Bearer  u1", "Bearer u1 u2", "Bearer -u1"};
  for (const std::string& value : headers) {
    HttpRequest asked = request("GET", "/v1/notifications");
    asked.headers[1].value = value;
    const auto answer = send(asked);
    EXPECT_EQ(answer.status, 401) << value;
    EXPECT_EQ(answer.body,
              R"({"message":"Authentication failed. Tried strategies: jwt","statusCode":401,"requestId":"r",)"
              R"("details":{"url":"http://localhost:3000/v1/notifications","path":"/v1/notifications"}})");
    EXPECT_EQ(header(answer, "WWW-Authenticate"), "Bearer");
  }
  HttpRequest bare = request("GET", "/v1/notifications");
  bare.headers.erase(bare.headers.begin() + 1);
  EXPECT_EQ(send(bare).status, 401);
}

TEST_F(RefusedRequestsTest, AMissingTokenIsTheAuthenticatorsToCountToo) {
  HttpRequest bare = request("GET", "/v1/notifications");
  bare.headers.erase(bare.headers.begin() + 1);
  bare.peer_address = "192.0.2.7";
  EXPECT_EQ(send(bare).status, 401);
  EXPECT_EQ(asked(), std::vector<std::string>{" of 192.0.2.7"});
}

TEST_F(RefusedRequestsTest, ThereIsNoOtherMethodOnTheseRoutes) {
  for (const char* method : {"PUT", "DELETE", "POST"})
    EXPECT_EQ(send(request(method, "/v1/notifications")).status, 404) << method;
  EXPECT_EQ(get("/v1/notifications/").status, 404);
  for (const char* path : {"/v1/notifications/count", "/v1/notifications/find-one"}) {
    EXPECT_EQ(send(request("POST", path)).status, 404) << path;
  }
}

TEST_F(RefusedRequestsTest, ADatabaseThatDoesNotAnswerIs503WithRetryAfter) {
  const auto ids = store_for({"u1"}, 1);
  options_.statement_timeout = std::chrono::milliseconds{50};
  start_pool(1, 10);
  ASSERT_EQ(get("/v1/notifications").status, 200);
  LockedFile locked(options_.path);

  const auto answer = patch(ids[0], R"({"read":true})");

  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header(answer, "Retry-After"), "");
  EXPECT_EQ(answer.body.find("locked"), std::string::npos) << "the reason is for operators";
}

TEST_F(RefusedRequestsTest, ADatabaseThatWasNotThereAtTheStartIs503WithRetryAfter) {
  options_.path += ".elsewhere";
  start_pool(1, 10);

  const auto answer = get("/v1/notifications");

  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header(answer, "Retry-After"), "");
}

TEST_F(RefusedRequestsTest, OneUserDoesNotFillTheQueueOfAll) {
  start_pool(1, 100);
  std::promise<void> go = occupy(runtime::JobKind::quick);
  std::mutex mutex;  // guards the next two
  std::vector<int> greedy;
  std::optional<int> other;
  loop_.post([&] {
    for (int i = 0; i < 40; ++i) {
      router_(request("GET", "/v1/notifications/unread-count", "greedy"), loop_, [&](const HttpResponse& answer) {
        const std::lock_guard lock(mutex);
        greedy.push_back(answer.status);
        EXPECT_EQ(answer.status == 503, header(answer, "Retry-After") != "");
      });
    }
    router_(request("GET", "/v1/notifications/unread-count", "other"), loop_, [&](const HttpResponse& answer) {
      const std::lock_guard lock(mutex);
      other = answer.status;
    });
  });
  std::promise<void> asked_all;
  loop_.post([&] { loop_.post([&] { asked_all.set_value(); }); });
  asked_all.get_future().wait();

  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(greedy, std::vector<int>(8, 503));
    EXPECT_FALSE(other);
  }
  go.set_value();
  end_pool();
  EXPECT_EQ(std::ranges::count(greedy, 200), 32);
  EXPECT_EQ(other, 200);
}

TEST_F(RefusedRequestsTest, AFullPoolIs503WithRetryAfter) {
  start_pool(1, 1);
  std::promise<void> go = occupy(runtime::JobKind::quick);
  ASSERT_TRUE(pool_->submit([](store::Repositories&) {}));

  const auto answer = get("/v1/notifications/unread-count");

  go.set_value();
  end_pool();
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header(answer, "Retry-After"), "");
}

TEST_F(RefusedRequestsTest, CostlyFiltersOfOneUserAreFewSoThatTheOthersHaveTheirTurn) {
  start_pool(2, 100);
  std::promise<void> go = occupy(runtime::JobKind::slow);
  std::vector<int> greedy;  // on the loop's thread, or in turn on the one thread for their kind
  std::promise<void> refused, answered;
  std::promise<int> other;
  const std::string costly = "/v1/notifications?where=%7B%22title%22:%22t1%22%7D";
  loop_.post([&] {
    for (int i = 0; i < 10; ++i) {
      router_(request("GET", costly, "greedy"), loop_, [&](const HttpResponse& answer) {
        greedy.push_back(answer.status);
        if (greedy.size() == 7) refused.set_value();
        if (greedy.size() == 10) answered.set_value();
      });
    }
    router_(request("GET", costly, "other"), loop_,
            [&](const HttpResponse& answer) { other.set_value(answer.status); });
  });
  const auto without_a_place = refused.get_future().wait_for(std::chrono::seconds{200});
  EXPECT_EQ(get("/v1/notifications", "greedy").status, 200) << "what is quick is not counted with them";
  go.set_value();
  const auto served = answered.get_future().wait_for(std::chrono::seconds{200});
  EXPECT_EQ(other.get_future().get(), 200);
  end_pool();  // nobody answers into this frame any more
  ASSERT_EQ(without_a_place, std::future_status::ready);
  ASSERT_EQ(served, std::future_status::ready);
  EXPECT_THAT(greedy, testing::ElementsAre(503, 503, 503, 503, 503, 503, 503, 200, 200, 200));
}

}  // namespace
}  // namespace nx::rest
