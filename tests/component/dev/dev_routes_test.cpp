#include "dev/dev_routes.hpp"

#include <future>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/authenticator.hpp"
#include "component/temporary_folder.hpp"
#include "json/value.hpp"
#include "store/sqlite_store.hpp"

namespace nx::dev {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using transport::HttpHeader;
using transport::HttpRequest;
using transport::HttpResponse;

/// Real routes, a real SQLite file with the sample policies, a real pool and loop. The broker and the bus are lists.
class DevRoutesTest : public testing::Test {
 protected:
  DevRoutesTest() {
    const store::SqliteOptions options{.path = folder_.file("signal.db")};
    EXPECT_TRUE(store::migrate_sqlite(options));
    EXPECT_TRUE(store::replace_sqlite_policies(options, sample_.policies()));
    pool_ = std::make_unique<store::ReaderPool>("dev-test", 2, 100, [options] {
      return store::Repositories{nullptr, store::open_sqlite_policies(options).value()};
    });
    add_dev_routes(
        router_,
        {.identity = identity_,
         .sample = sample_,
         .readers = *pool_,
         .produce = [this](const std::string& key, const std::string& value) -> Result<void> {
           const std::lock_guard lock(mutex_);
           if (broken_) return fail(ErrorKind::unavailable, "no broker");
           records_.push_back(key + " " + value);
           return {};
         },
         .publish = [this](std::string, std::string message) { published_.push_back(std::move(message)); },
         .addresses =
             [] {
               return Addresses{"http://localhost:1", "ws://localhost:1/stream", "localhost:2", "topic", "nx-signal"};
             },
         .log = log_});
    loop_thread_ = std::thread([this] { loop_.run(); });
  }
  ~DevRoutesTest() override {
    loop_.stop();
    loop_thread_.join();
    pool_.reset();
  }

  HttpResponse send(const std::string& method, const std::string& path, const std::string& body = "",
                    std::vector<HttpHeader> headers = {}) {
    HttpRequest request;
    request.method = method;
    request.target = request.path = path;
    request.body = body;
    request.headers = std::move(headers);
    request.headers.push_back({"host", "localhost:1"});
    auto answer = std::make_shared<std::promise<HttpResponse>>();
    loop_.post([this, request, answer] {
      router_(request, loop_, [answer](HttpResponse response) { answer->set_value(std::move(response)); });
    });
    return answer->get_future().get();
  }
  HttpResponse post(const std::string& path, const std::string& body) {
    return send("POST", path, body, {{"x-signal-dev", "1"}});
  }

  static json::Value body_of(const HttpResponse& response) { return json::parse(response.body).value(); }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const HttpHeader& one : response.headers) {
      if (one.name == name) return one.value;
    }
    return "";
  }

  const Identity identity_;
  const SampleData sample_ = sample_data();
  const observe::Logger log_{{.level = observe::Level::error}};
  test::TemporaryFolder folder_;
  std::mutex mutex_;  // guards records_ and broken_
  std::vector<std::string> records_;
  bool broken_ = false;
  std::vector<std::string> published_;  // written on the loop, read after the answer
  std::unique_ptr<store::ReaderPool> pool_;
  rest::Router router_;
  runtime::EventLoop loop_{"dev-test"};
  std::thread loop_thread_;
};

TEST_F(DevRoutesTest, the_page_comes_with_headers_that_let_it_talk_to_its_own_host_alone) {
  const HttpResponse response = send("GET", "/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(header(response, "content-security-policy"),
            "default-src 'self'; connect-src 'self' ws://localhost:1; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'; object-src 'none'");
  EXPECT_EQ(header(response, "x-content-type-options"), "nosniff");
  EXPECT_EQ(header(response, "cache-control"), "no-store");
}

TEST_F(DevRoutesTest, everything_that_the_page_names_is_there) {
  std::set<std::string> wanted{"/"};
  std::set<std::string> seen;
  while (!wanted.empty()) {
    const std::string path = wanted.extract(wanted.begin()).value();
    if (!seen.insert(path).second) continue;
    const HttpResponse response = send("GET", path);
    EXPECT_EQ(response.status, 200) << path;
    for (std::size_t at = 0; (at = response.body.find("\"/page/", at)) != std::string::npos; ++at) {
      wanted.insert(response.body.substr(at + 1, response.body.find('"', at + 1) - at - 1));
    }
    for (std::size_t at = 0; (at = response.body.find(" \"./", at)) != std::string::npos; ++at) {  // imports
      wanted.insert("/page/" + response.body.substr(at + 4, response.body.find('"', at + 4) - at - 4));
    }
  }
  EXPECT_THAT(seen, testing::IsSupersetOf({"/page/main.mjs", "/page/style.css", "/page/signal_client.mjs",
                                           "/page/signal_inbox.mjs", "/page/icon.svg"}));
}

TEST_F(DevRoutesTest, an_unknown_file_of_the_page_is_not_found) {
  EXPECT_EQ(send("GET", "/page/nothing.mjs").status, 404);
  EXPECT_EQ(send("GET", "/page/..%2Findex.html").status, 404);
}

TEST_F(DevRoutesTest, the_key_set_may_be_cached_as_the_identity_service_says) {
  const HttpResponse response = send("GET", "/jw-certs");
  EXPECT_EQ(response.body, identity_.jwks());
  EXPECT_EQ(header(response, "cache-control"), "public, max-age=3600, stale-while-revalidate=86400");
}

TEST_F(DevRoutesTest, a_token_for_the_asking_is_what_the_authenticator_takes) {
  const std::string token =
      body_of(post("/dev/token", R"({"userId":9007199254740993,"roles":["999_super-admin"]})")).find("token")->text();
  auth::AuthOptions options;
  options.fetch_keys = [this] { return Result<std::string>(identity_.jwks()); };
  options.refuse_dev_issuer = false;
  auth::Authenticator authenticator(options, log_);
  std::promise<auth::AuthResult> result;
  loop_.post([&] {
    authenticator.authenticate(token, loop_, [&result](auth::AuthResult found) { result.set_value(std::move(found)); });
  });

  const auth::AuthResult claims = result.get_future().get();

  ASSERT_TRUE(claims.has_value()) << auth::to_text(claims.error());
  EXPECT_EQ(claims->user, (auth::TokenUser{UserId{"9007199254740993"}, true}));
  EXPECT_THAT(claims->roles, ElementsAre("999_super-admin"));
}

TEST_F(DevRoutesTest, who_prefers_text_gets_the_bare_token) {
  const HttpResponse response =
      send("POST", "/dev/token", R"({"userId":"u"})", {{"x-signal-dev", "1"}, {"accept", "text/plain"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(std::count(response.body.begin(), response.body.end(), '.'), 2);
}

TEST_F(DevRoutesTest, a_bad_token_request_names_the_field) {
  EXPECT_THAT(post("/dev/token", "{}").body, HasSubstr("userId"));
  EXPECT_THAT(post("/dev/token", R"({"userId":1.5})").body, HasSubstr("userId"));
  EXPECT_THAT(post("/dev/token", R"({"userId":"u","expiresInSeconds":0})").body, HasSubstr("expiresInSeconds"));
  EXPECT_THAT(post("/dev/token", R"({"userId":"u","roles":[1]})").body, HasSubstr("roles"));
  EXPECT_EQ(post("/dev/token", "not json").status, 400);
  EXPECT_EQ(post("/dev/token", "[]").status, 400);
}

TEST_F(DevRoutesTest, nothing_happens_without_the_header_that_a_form_can_not_send) {
  for (const char* path : {"/dev/token", "/dev/payments", "/dev/publish"}) {
    const HttpResponse response = send(
        "POST", path, R"({"userId":"u","scope":"org","organizerId":"lantern","amount":1,"channel":"c","message":"m"})");
    EXPECT_EQ(response.status, 403) << path;
    EXPECT_THAT(response.body, HasSubstr("x-signal-dev: 1"));
  }
  EXPECT_THAT(records_, IsEmpty());
  EXPECT_THAT(published_, IsEmpty());
}

TEST_F(DevRoutesTest, a_payment_is_produced_and_every_person_is_explained) {
  const HttpResponse response =
      post("/dev/payments",
           R"({"scope":"merchant","merchantId":"harbour","amount":5,"excludeUserIds":["u-harbour-cashier"]})");

  EXPECT_EQ(response.status, 202);
  const json::Value body = body_of(response);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0], "lantern " + json::write(*body.find("message")));
  EXPECT_EQ(body.find("message")->find("id")->text(), body.find("id")->text());
  std::vector<std::string> verdicts;
  for (const json::Value& one : body.find("audience")->items()) {
    verdicts.push_back(one.find("userId")->text() + (one.find("gets")->as_bool() ? " yes: " : " no: ") +
                       one.find("why")->text());
  }
  EXPECT_THAT(
      verdicts,
      ElementsAre("u-owner yes: joined to organizer lantern, which merchant harbour inherits from",
                  "u-harbour-manager yes: joined to merchant harbour",
                  "u-harbour-cashier no: excluded by excludeUserIds", HasSubstr("u-station-manager no: not joined"),
                  HasSubstr("u-station-cashier no: not joined"), HasSubstr("u-outsider no: not joined")));
}

TEST_F(DevRoutesTest, who_is_named_and_is_no_sample_person_is_explained_too) {
  const json::Value body =
      body_of(post("/dev/payments", R"({"scope":"users","recipientIds":["stranger"],"amount":5})"));
  const auto& audience = body.find("audience")->items();
  ASSERT_EQ(audience.size(), 7U);
  EXPECT_EQ(audience.back().find("userId")->text(), "stranger");
  EXPECT_TRUE(audience.back().find("gets")->as_bool());
}

TEST_F(DevRoutesTest, a_payment_that_the_consumer_would_refuse_is_not_produced) {
  EXPECT_EQ(post("/dev/payments", R"({"scope":"merchant","merchantId":"harbour"})").status, 422);
  EXPECT_EQ(post("/dev/payments", R"({"scope":"users","recipientIds":[true],"amount":1})").status, 422);
  EXPECT_EQ(post("/dev/payments", R"({"scope":"org","organizerId":"lantern","amount":1,"excludeUserIds":"u"})").status,
            422);
  EXPECT_THAT(records_, IsEmpty());
}

TEST_F(DevRoutesTest, a_broker_that_is_away_is_503_with_its_reason) {
  {
    const std::lock_guard lock(mutex_);
    broken_ = true;
  }
  const HttpResponse response = post("/dev/payments", R"({"scope":"org","organizerId":"lantern","amount":1})");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("no broker"));
}

TEST_F(DevRoutesTest, a_push_goes_to_the_bus_byte_for_byte) {
  EXPECT_EQ(post("/dev/publish", R"({"channel":"ws:user:u","message":"not \"json\""})").status, 202);
  EXPECT_EQ(post("/dev/publish", R"({"channel":"ws:user:u"})").status, 422);
  EXPECT_EQ(post("/dev/publish", R"({"message":"x"})").status, 422);
  EXPECT_THAT(published_, ElementsAre("not \"json\""));
}

TEST_F(DevRoutesTest, the_info_names_people_places_and_lines) {
  const json::Value info = body_of(send("GET", "/dev/info"));
  EXPECT_EQ(info.find("users")->items().size(), 6U);
  EXPECT_EQ(info.find("merchants")->items().size(), 2U);
  EXPECT_EQ(info.find("organization")->find("name")->text(), "Lantern Coffee");
  EXPECT_EQ(info.find("lines")->items().size(), 4U);
  EXPECT_EQ(info.find("broker")->text(), "localhost:2");
}

}  // namespace
}  // namespace nx::dev
