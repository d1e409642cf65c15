#include <condition_variable>
#include <filesystem>
#include <future>
#include <stdlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "json/value.hpp"
#include "model/uuid.hpp"
#include "rest/notifications.hpp"
#include "store/sqlite_store.hpp"

namespace nx::rest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using transport::HttpRequest;
using transport::HttpResponse;

/// Holds the one writer's lock from another connection.
class LockedFile {
 public:
  explicit LockedFile(const std::string& path) {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    db_.reset(db);
    EXPECT_EQ(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

/// Real routes on a real SQLite file, a real pool and a real loop; tokens are user ids, `-` in front means a forged
/// one.
class NotificationRoutesTest : public testing::Test {
 protected:
  NotificationRoutesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-rest-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    options_.path = (folder_ / "signal.db").string();
    EXPECT_TRUE(store::migrate_sqlite(options_));
    writer_ = std::move(*store::open_sqlite_notifications(options_));
    start_pool(2, 100);
    loop_thread_ = std::thread([this] { loop_.run(); });
  }
  ~NotificationRoutesTest() override {
    loop_.stop();
    loop_thread_.join();
    pool_.reset();
    writer_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// When nothing on the loop can be submitting any more.
  void end_pool() {
    if (loop_thread_.joinable()) {
      std::promise<void> reached;
      loop_.post([&reached] { reached.set_value(); });
      reached.get_future().wait();
    }
    pool_.reset();
  }

  void start_pool(std::size_t threads, std::size_t queue) {
    end_pool();
    pool_ = std::make_unique<store::ReaderPool>("rest-test", threads, queue, [options = options_] {
      auto opened = store::open_sqlite_notifications(options);
      return store::Repositories{opened ? std::move(*opened) : nullptr, nullptr};
    });
    router_ = Router{};
    add_notification_routes(router_, {.authenticate =
                                          [](const std::string& token, runtime::EventLoop& home, const auto& done) {
                                            EXPECT_TRUE(home.is_home());
                                            if (token.starts_with("-")) {
                                              done(tl::unexpected(auth::AuthError::bad_signature));
                                              return;
                                            }
                                            auth::Claims claims;
                                            claims.user.id = {token};
                                            home.post([done, claims] { done(claims); });
                                          },
                                      .readers = *pool_,
                                      .tell_user =
                                          [this](const UserId& user, const std::shared_ptr<const std::string>& frame) {
                                            const std::lock_guard lock(mutex_);
                                            told_.push_back(user.value + " " + *frame);
                                          },
                                      .log = log_});
  }

  /// `count` notifications for each of `users`; ids in order of seq.
  std::vector<std::string> store_for(const std::vector<std::string>& users, int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      store::NewNotification item;
      item.activity.source = "t/0/" + std::to_string(offset_++) + "/0";
      item.activity.type = "payment.success";
      item.activity.title = "Paid";
      for (const std::string& user : users) item.recipients.push_back({user});
      const auto results = writer_->ingest(std::vector{item});
      EXPECT_TRUE(results);
      ids.push_back(uuid_text(results->front().notification.id.bytes));
    }
    return ids;
  }

  HttpResponse send(HttpRequest request) {
    struct Answer {
      std::mutex mutex;
      std::condition_variable changed;
      std::optional<HttpResponse> response;
    };
    const auto answer = std::make_shared<Answer>();
    loop_.post([this, request, answer] {
      router_(request, loop_, [answer](HttpResponse response) {
        const std::lock_guard lock(answer->mutex);
        answer->response = std::move(response);
        answer->changed.notify_all();
      });
    });
    std::unique_lock lock(answer->mutex);
    if (!answer->changed.wait_for(lock, std::chrono::seconds{20}, [&] { return answer->response.has_value(); })) {
      ADD_FAILURE() << "no answer to " << request.method << " " << request.target;
      return {};
    }
    return *answer->response;
  }

  static HttpRequest request(const std::string& method, const std::string& target, const std::string& token = "u1",
                             std::string body = {}) {
    HttpRequest made;
    made.method = method;
    made.target = target;
    made.path = target.substr(0, target.find('?'));
    if (const auto mark = target.find('?'); mark != std::string::npos) made.query = target.substr(mark + 1);
    made.headers = {{"Host", "localhost:3000"}, {"Authorization", "Bearer " + token}, {"x-request-id", "r"}};
    if (!body.empty()) made.headers.push_back({"Content-Type", "application/json"});
    made.body = std::move(body);
    return made;
  }
  HttpResponse get(const std::string& target, const std::string& token = "u1") {
    return send(request("GET", target, token));
  }
  HttpResponse patch(const std::string& id, const std::string& body, const std::string& token = "u1") {
    return send(request("PATCH", "/v1/notifications/" + id, token, body));
  }
  HttpResponse post_read(const std::string& body, const std::string& token = "u1") {
    return send(request("POST", "/v1/notifications/read", token, body));
  }

  static std::string header(const HttpResponse& response, const std::string& name) {
    for (const auto& field : response.headers) {
      if (field.name == name) return field.value;
    }
    return "";
  }
  static std::vector<std::int64_t> seqs(const HttpResponse& response) {
    const auto body = json::parse(response.body);
    std::vector<std::int64_t> out;
    EXPECT_TRUE(body && body->find("data")) << response.body;
    if (!body || !body->find("data")) return out;
    for (const json::Value& row : body->find("data")->items()) out.push_back(*row.find("seq")->as_int64());
    EXPECT_EQ(body->find("count")->as_int64(), static_cast<std::int64_t>(out.size()));
    return out;
  }
  /// The target of Link: rel="next".
  static std::string next(const HttpResponse& response) {
    const std::string link = header(response, "Link");
    if (link.empty()) return "";
    EXPECT_TRUE(link.starts_with("<") && link.ends_with(R"(>; rel="next")")) << link;
    return link.substr(1, link.find('>') - 1);
  }
  static std::string field_of_422(const HttpResponse& response) {
    EXPECT_EQ(response.status, 422) << response.body;
    const auto body = json::parse(response.body);
    if (!body || !body->find("details") || !body->find("details")->find("cause")) return "?";
    return body->find("details")->find("cause")->items().at(0).find("path")->text();
  }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  std::filesystem::path folder_;
  store::SqliteOptions options_;
  std::unique_ptr<store::ActivityNotificationRepository> writer_;
  observe::Logger log_{{.level = observe::Level::error, .format = observe::LogFormat::text}};
  runtime::EventLoop loop_{"rest-loop"};
  Router router_;
  std::unique_ptr<store::ReaderPool> pool_;
  std::thread loop_thread_;
  std::mutex mutex_;  // guards told_
  std::vector<std::string> told_;
  int offset_ = 0;
};

TEST_F(NotificationRoutesTest, ListsNewestFirstTenAtATimeWithTheTotal) {
  store_for({"u1", "u2"}, 12);

  const auto first = get("/v1/notifications");

  EXPECT_EQ(first.status, 200);
  EXPECT_THAT(seqs(first), ElementsAre(12, 11, 10, 9, 8, 7, 6, 5, 4, 3));
  EXPECT_EQ(header(first, "Content-Range"), "records 0-9/12");
  EXPECT_EQ(header(first, "x-response-count"), "10");
  EXPECT_EQ(header(first, "x-response-format"), "array");
  EXPECT_EQ(header(first, "x-request-id"), "r");
  EXPECT_EQ(header(first, "Content-Type"), "application/json");

  const auto second = get(next(first));
  EXPECT_THAT(seqs(second), ElementsAre(2, 1));
  EXPECT_EQ(header(second, "Content-Range"), "records 0-1/*");
  EXPECT_EQ(header(second, "Link"), "");
}

TEST_F(NotificationRoutesTest, AnEmptyInboxSaysSo) {
  const auto empty = get("/v1/notifications");

  EXPECT_EQ(empty.body, R"({"count":0,"data":[]})");
  EXPECT_EQ(header(empty, "Content-Range"), "records */0");
}

TEST_F(NotificationRoutesTest, PagesStayExactWhileNewRowsArrive) {
  store_for({"u1"}, 5);
  const auto first = get("/v1/notifications?limit=2");
  store_for({"u1"}, 3);
  const auto second = get(next(first));
  const auto third = get(next(second));

  EXPECT_THAT(seqs(first), ElementsAre(5, 4));
  EXPECT_THAT(seqs(second), ElementsAre(3, 2));
  EXPECT_THAT(seqs(third), ElementsAre(1));
  EXPECT_EQ(next(third), "");
}

TEST_F(NotificationRoutesTest, SinceWalksUpwards) {
  store_for({"u1"}, 5);

  const auto first = get("/v1/notifications?since=1&limit=3");
  EXPECT_THAT(seqs(first), ElementsAre(2, 3, 4));
  EXPECT_EQ(header(first, "Content-Range"), "records 0-2/*");
  EXPECT_EQ(next(first), "/v1/notifications?limit=3&since=4");
  EXPECT_THAT(seqs(get(next(first))), ElementsAre(5));
}

TEST_F(NotificationRoutesTest, UnreadAndArchivedRowsHaveListsOfTheirOwn) {
  const auto ids = store_for({"u1"}, 5);
  patch(ids[4], R"({"read":true})");
  patch(ids[3], R"({"archived":true})");

  EXPECT_THAT(seqs(get("/v1/notifications")), ElementsAre(5, 3, 2, 1));
  const auto unread = get("/v1/notifications?unread=true&limit=2");
  EXPECT_THAT(seqs(unread), ElementsAre(3, 2));
  EXPECT_EQ(header(unread, "Content-Range"), "records 0-1/3");
  EXPECT_THAT(next(unread), HasSubstr("unread=true"));
  EXPECT_THAT(seqs(get(next(unread))), ElementsAre(1));
  const auto archived = get("/v1/notifications?archived=true");
  EXPECT_THAT(seqs(archived), ElementsAre(4));
  EXPECT_EQ(header(archived, "Content-Range"), "records 0-0/1");
}

TEST_F(NotificationRoutesTest, ACursorOfAnotherFilterIsRefused) {
  store_for({"u1"}, 3);
  const std::string link = next(get("/v1/notifications?limit=1"));

  EXPECT_EQ(field_of_422(get(link + "&unread=true")), "cursor");
}

TEST_F(NotificationRoutesTest, AForeignCursorShowsOnlyOnesOwnRows) {
  store_for({"u1"}, 3);
  store_for({"u2"}, 1);

  EXPECT_THAT(seqs(get(next(get("/v1/notifications?limit=1")), "u2")), ElementsAre(1));
}

TEST_F(NotificationRoutesTest, BadQueriesNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {"limit=0", "limit"},
      {"limit=101", "limit"},
      {"limit=x", "limit"},
      {"since=-1", "since"},
      {"since=", "since"},
      {"since=1&cursor=AAAA", "since"},
      {"cursor=nonsense", "cursor"},
      {"unread=1", "unread"},
      {"archived=maybe", "archived"},
      {"unread=true&archived=true", "archived"},
      {"limit=1&limit=2", "limit"},
      {"filter={}", "filter"},
      {"where=%7B%7D", "where"},
  };
  for (const auto& [query, field] : cases) {
    EXPECT_EQ(field_of_422(get(std::string{"/v1/notifications?"} + query)), field) << query;
  }
  EXPECT_EQ(get("/v1/notifications?limit=%zz").status, 400);
}

TEST_F(NotificationRoutesTest, AValidationErrorHasTheShapeOfIgnis) {
  EXPECT_EQ(
      get("/v1/notifications?limit=0").body,
      R"({"message":"ValidationError","statusCode":422,"requestId":"r","details":{"url":"http://localhost:3000/v1/notifications?limit=0",)"
      R"("path":"/v1/notifications","cause":[{"path":"limit","message":"expected an integer from 1 to 100","code":"invalid_value"}]}})");
}

TEST_F(NotificationRoutesTest, OneRowIsFoundById) {
  const auto ids = store_for({"u1"}, 1);

  const auto found = get("/v1/notifications/" + ids[0]);

  EXPECT_EQ(found.status, 200);
  EXPECT_TRUE(found.body.starts_with(R"({"count":1,"data":{"id":")" + ids[0] +
                                     R"(","key":null,"seq":1,"type":"payment.success")"))
      << found.body;
  EXPECT_EQ(header(found, "x-response-format"), "object");
}

TEST_F(NotificationRoutesTest, AMissingAndAForeignIdAreTheSame200) {
  const auto foreign = store_for({"u2"}, 1);

  for (const std::string& id :
       {foreign[0], std::string{"0190c2a4-8e3b-7cde-8f01-23456789abcd"}, std::string{"7"}, std::string{"no%20id"}}) {
    const auto answer = get("/v1/notifications/" + id);
    EXPECT_EQ(answer.status, 200) << id;
    EXPECT_EQ(answer.body, R"({"count":0,"data":null})") << id;
    EXPECT_EQ(patch(id, R"({"read":true})").body, R"({"count":0,"data":null})") << id;
  }
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(get("/v1/notifications/unread-count", "u2").body, R"({"count":1,"seq":1})");
}

TEST_F(NotificationRoutesTest, RequestCountFalseLeavesTheDataAlone) {
  const auto ids = store_for({"u1"}, 1);
  for (const char* wish : {"false", "0"}) {
    HttpRequest list = request("GET", "/v1/notifications");
    list.headers.push_back({"X-Request-Count", wish});
    const auto answer = send(list);
    EXPECT_TRUE(answer.body.starts_with(R"([{"id":")")) << answer.body;
    EXPECT_EQ(header(answer, "x-response-count"), "1");
  }
  HttpRequest none = request("GET", "/v1/notifications/7");
  none.headers.push_back({"x-request-count", "false"});
  EXPECT_EQ(send(none).body, "null");
}

TEST_F(NotificationRoutesTest, UnreadCountComesWithTheNewestSeq) {
  EXPECT_EQ(get("/v1/notifications/unread-count").body, R"({"count":0,"seq":0})");
  const auto ids = store_for({"u1"}, 3);
  patch(ids[1], R"({"read":true})");
  EXPECT_EQ(get("/v1/notifications/unread-count").body, R"({"count":2,"seq":3})");
}

TEST_F(NotificationRoutesTest, PatchAnswersTheRowAndTellsTheUsersSessions) {
  const auto ids = store_for({"u1"}, 2);

  const auto answer = patch(ids[0], R"({"read":true})");

  const auto body = json::parse(answer.body);
  ASSERT_TRUE(body && body->find("data")) << answer.body;
  const std::string read_at = body->find("data")->find("readAt")->text();
  EXPECT_EQ(read_at.size(), 24U);
  EXPECT_THAT(told(), ElementsAre(R"(u1 {"event":"observation/signal/notification/updated","data":{"ids":[")" + ids[0] +
                                  R"("],"readAt":")" + read_at + R"("},"unread":1})"));
}

TEST_F(NotificationRoutesTest, PatchThatChangesNothingTellsNobody) {
  const auto ids = store_for({"u1"}, 1);
  patch(ids[0], R"({"read":true})");
  const auto again = patch(ids[0], R"({"read":true,"archived":false})");

  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(told().size(), 1U);
}

TEST_F(NotificationRoutesTest, UnreadAndArchivedChangesMoveTheBadgeToo) {
  const auto ids = store_for({"u1"}, 1);
  patch(ids[0], R"({"read":true})");
  patch(ids[0], R"({"read":false})");
  patch(ids[0], R"({"archived":true})");

  const auto frames = told();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_THAT(frames[1], testing::EndsWith(R"("],"readAt":null},"unread":1})"));
  EXPECT_THAT(frames[2],
              testing::AllOf(HasSubstr(R"("readAt":null,"archivedAt":")"), testing::EndsWith(R"(Z"},"unread":0})")));
}

TEST_F(NotificationRoutesTest, ReadByIdsCountsAndTellsWhatReallyChanged) {
  const auto ids = store_for({"u1"}, 3);
  const auto foreign = store_for({"u2"}, 1);
  const std::string body = R"({"ids":[")" + ids[0] + R"(",")" + ids[2] + R"(",")" + foreign[0] + R"("]})";

  EXPECT_EQ(post_read(body).body, R"({"count":2})");
  EXPECT_EQ(post_read(body).body, R"({"count":0})");

  const auto frames = told();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_THAT(frames[0], HasSubstr(R"("data":{"ids":[")" + ids[0] + R"(",")" + ids[2] + R"("],"readAt":")"));
  EXPECT_THAT(frames[0], testing::EndsWith(R"("unread":1})"));
}

TEST_F(NotificationRoutesTest, ReadAllTellsHowFar) {
  store_for({"u1"}, 4);

  EXPECT_EQ(post_read(R"({"all":true,"upTo":3})").body, R"({"count":3})");
  EXPECT_EQ(post_read(R"({"all":true})").body, R"({"count":1})");
  EXPECT_EQ(post_read(R"({"all":true})").body, R"({"count":0})");

  const auto frames = told();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_THAT(frames[0], testing::AllOf(HasSubstr(R"("data":{"all":true,"upTo":3,"readAt":")"),
                                        testing::EndsWith(R"(Z"},"unread":1})")));
  EXPECT_THAT(frames[1], testing::AllOf(HasSubstr(R"("data":{"all":true,"upTo":4,"readAt":")"),
                                        testing::EndsWith(R"(Z"},"unread":0})")));
}

TEST_F(NotificationRoutesTest, BadBodiesAreNamed) {
  const auto ids = store_for({"u1"}, 1);
  EXPECT_EQ(field_of_422(patch(ids[0], R"({"read":"yes"})")), "read");
  EXPECT_EQ(field_of_422(post_read(R"({"ids":[]})")), "ids");
  const auto malformed = post_read("{");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_THAT(malformed.body, HasSubstr(R"("message":"Malformed Body Payload")"));
  HttpRequest form = request("POST", "/v1/notifications/read");
  form.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  form.body = "all=true";
  EXPECT_EQ(send(form).status, 415);
}

TEST_F(NotificationRoutesTest, WithoutAGoodTokenItIsAlwaysTheSame401) {
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

TEST_F(NotificationRoutesTest, ThereIsNoOtherMethodOnTheseRoutes) {
  for (const char* method : {"PUT", "DELETE", "POST"})
    EXPECT_EQ(send(request(method, "/v1/notifications")).status, 404) << method;
  for (const char* path : {"/v1/notifications/", "/v1/notifications/count", "/v1/notifications/find-one"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(NotificationRoutesTest, ADatabaseThatDoesNotAnswerIs503WithRetryAfter) {
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

TEST_F(NotificationRoutesTest, ADatabaseThatWasNotThereAtTheStartIs503WithRetryAfter) {
  options_.path += ".elsewhere";
  start_pool(1, 10);

  const auto answer = get("/v1/notifications");

  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header(answer, "Retry-After"), "");
}

TEST_F(NotificationRoutesTest, AFullPoolIs503WithRetryAfter) {
  start_pool(1, 1);
  std::mutex gate;
  std::unique_lock held(gate);
  std::promise<void> busy;
  ASSERT_TRUE(pool_->submit([&](store::Repositories&) {
    busy.set_value();
    const std::lock_guard wait(gate);
  }));
  busy.get_future().wait();
  ASSERT_TRUE(pool_->submit([](store::Repositories&) {}));

  const auto answer = get("/v1/notifications/unread-count");

  held.unlock();
  end_pool();  // its thread is done with the gate
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header(answer, "Retry-After"), "");
}

}  // namespace
}  // namespace nx::rest
