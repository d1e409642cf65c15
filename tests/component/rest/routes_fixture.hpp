#pragma once
// Real routes on a real SQLite file, a real pool and a real loop.

#include <condition_variable>
#include <future>
#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/store/sqlite_file.hpp"
#include "component/temporary_folder.hpp"
#include "json/value.hpp"
#include "model/uuid.hpp"
#include "rest/notifications.hpp"
#include "store/sqlite_store.hpp"

namespace nx::rest {

using transport::HttpRequest;
using transport::HttpResponse;

/// Holds the one writer's lock from another connection.
class LockedFile {
 public:
  explicit LockedFile(const std::string& path) : db_(path) { db_.run("BEGIN IMMEDIATE"); }

 private:
  store::SqliteRaw db_;
};

/// Tokens are user ids, `-` in front means a forged one.
class NotificationRoutesTest : public testing::Test {
 protected:
  NotificationRoutesTest() {
    options_.path = folder_.file("signal.db");
    EXPECT_TRUE(store::migrate_sqlite(options_));
    open_ = [this] { return store::open_sqlite_notifications(options_); };
    writer_ = std::move(*open_());
    start_pool(2, 100);
    loop_thread_ = std::thread([this] { loop_.run(); });
  }
  ~NotificationRoutesTest() override {
    loop_.stop();
    loop_thread_.join();
    pool_.reset();
    writer_.reset();
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

  /// A thread of the pool runs a job of that kind until the promise is kept.
  std::promise<void> occupy(runtime::JobKind kind) {
    std::promise<void> go;
    const auto running = std::make_shared<std::promise<void>>();  // its end is that of the job
    EXPECT_TRUE(pool_->submit(
        [running, released = go.get_future().share()](store::Repositories&) {
          running->set_value();
          released.wait();
        },
        kind));
    running->get_future().wait();
    return go;
  }

  void start_pool(std::size_t threads, std::size_t queue) {
    end_pool();
    // Waited for: what they read to open the database is a test's to change afterwards.
    const auto all_open = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(threads));
    pool_ = std::make_unique<store::ReaderPool>("rest-test", threads, queue, [open = open_, all_open] {
      auto opened = open();
      all_open->count_down();
      return store::Repositories{opened ? std::move(*opened) : nullptr, nullptr};
    });
    all_open->wait();
    router_ = Router{};
    add_notification_routes(router_, {.authenticate =
                                          [this](const std::string& token, const std::string& peer,
                                                 runtime::EventLoop& home, const auto& done) {
                                            EXPECT_TRUE(home.is_home());
                                            {
                                              const std::lock_guard lock(mutex_);
                                              asked_.push_back(token + " of " + peer);
                                            }
                                            if (token.empty()) {
                                              done(tl::unexpected(auth::AuthError::missing_token));
                                              return;
                                            }
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
    if (!answer->changed.wait_for(lock, std::chrono::seconds{200}, [&] { return answer->response.has_value(); })) {
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
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  test::TemporaryFolder folder_;
  store::SqliteOptions options_;
  std::function<Result<std::unique_ptr<store::ActivityNotificationRepository>>()>
      open_;  // on the pool's threads as they begin
  std::unique_ptr<store::ActivityNotificationRepository> writer_;
  observe::Logger log_{{.level = observe::Level::error, .format = observe::LogFormat::text}};
  runtime::EventLoop loop_{"rest-loop"};
  Router router_;
  std::unique_ptr<store::ReaderPool> pool_;
  std::thread loop_thread_;
  std::mutex mutex_;                // guards the next two
  std::vector<std::string> asked_;  // tokens, and whose
  std::vector<std::string> told_;
  int offset_ = 0;
};

}  // namespace nx::rest
