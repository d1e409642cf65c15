// What operators' routes answer and say while something is away, on a real SQLite file.

#include "rest/operator_routes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "component/rest/routes_fixture.hpp"
#include "crypto/random.hpp"

namespace nx::rest {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class OperatorRoutesTest : public NotificationRoutesTest {
 protected:
  ~OperatorRoutesTest() override {
    if (operators_) operators_->stop();
    end_pool();
  }

  void serve(operators::OperatorLimits limits = {}) {
    operators::OperatorCallbacks callbacks;
    callbacks.instance = uuid_text(crypto::uuid_v4());
    callbacks.here = [](const contract::OperatorAsk& ask, const std::function<void(contract::Findings)>& done) {
      contract::Findings findings{.count = 0, .clients = {}};
      if (std::holds_alternative<contract::DescribeInstance>(ask)) {
        findings.count = 1;
        findings.instance =
            contract::InstanceRecord{.address = "10.0.0.7:3000", .version = "9", .metrics = {{"signal_x", 2.5}}};
      }
      done(findings);
    };
    operators_ = std::make_unique<operators::Operators>(std::move(callbacks), limits, lines_log_);
    operators_->start();
    const OperatorRoutes routes{
        .authenticate =
            [](const std::string& token, const std::string&, runtime::EventLoop&, const auto& done) {
              auth::Claims claims;
              claims.user.id = {token};
              claims.roles = {"ops"};
              done(claims);
            },
        .roles = {"ops"},
        .operators = *operators_,
        .readers = *pool_,
        .log = lines_log_};
    add_operator_routes(router_, routes);
    add_delivery_routes(router_, routes, std::chrono::hours{1});
    add_instance_routes(router_, routes, [this](std::string channel, std::string message) {
      pushed_.emplace_back(std::move(channel), std::move(message));
    });
  }
  HttpResponse ask(const std::string& method, const std::string& target) {
    return send(request(method, target, "boss"));
  }
  std::string lines() {
    EXPECT_TRUE(lines_log_.flush(std::chrono::seconds{20}));
    std::string text(1 << 16, '\0');
    const ssize_t size = ::pread(lines_.fd, text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

  const std::string clients_ = "/v1/socket/websocket/clients";
  const std::string some_id_ = "7b1082a6-2f6d-7a0e-9d0b-52b1a1f9a001";
  /// Closed after the log's thread has ended.
  struct Lines {
    explicit Lines(const std::string& path) : fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600)) {}
    ~Lines() { ::close(fd); }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    int fd;
  };

  Lines lines_{folder_.file("lines")};
  observe::Logger lines_log_{{.level = observe::Level::warn, .format = observe::LogFormat::json, .fd = lines_.fd}};
  std::unique_ptr<operators::Operators> operators_;
  std::vector<std::pair<std::string, std::string>> pushed_;  // channel and message
};

TEST_F(OperatorRoutesTest, ADatabaseThatDoesNotAnswerIs503AndALineWithTheReason) {
  options_.statement_timeout = std::chrono::milliseconds{50};
  start_pool(1, 10);
  serve();
  LockedFile locked(options_.path);

  const auto answer = ask("DELETE", clients_ + "?userId=u1");

  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header(answer, "Retry-After"), "");
  EXPECT_THAT(lines(), HasSubstr(R"("operator request not served by the database")"));
  EXPECT_THAT(lines(), HasSubstr(R"("operator":"boss")"));
  EXPECT_THAT(lines(), HasSubstr("locked"));
  EXPECT_THAT(lines(), Not(HasSubstr("tokens taken back")));
}

TEST_F(OperatorRoutesTest, ADatabaseThatWasNotThereAtTheStartIs503AndALine) {
  options_.path += ".elsewhere";
  start_pool(1, 10);
  serve();
  for (const std::string& target : {clients_ + "?userId=u1", "/v1/notifications/" + some_id_ + "/explain",
                                    "/v1/notifications/" + some_id_ + "/deliveries"}) {
    EXPECT_EQ(ask(target.starts_with(clients_) ? "DELETE" : "GET", target).status, 503) << target;
  }
  const std::string said = lines();
  std::size_t count = 0;
  for (auto at = said.find("not served"); at != std::string::npos; at = said.find("not served", at + 1)) ++count;
  EXPECT_EQ(count, 3U) << said;
}

TEST_F(OperatorRoutesTest, AQueueThatIsFullIs503AndALine) {
  start_pool(1, 0);
  serve();
  EXPECT_EQ(ask("DELETE", clients_ + "?userId=u1").status, 503);
  EXPECT_THAT(lines(), HasSubstr("Too many requests are waiting"));
}

TEST_F(OperatorRoutesTest, WhoseTokensAreTakenBackIsOnRecordAlsoWhenNobodyCouldBeAsked) {
  serve({.asked = 0});

  const auto answer = ask("DELETE", clients_ + "?userId=u1");

  EXPECT_EQ(answer.status, 429) << "it is not known how many were connected";
  EXPECT_EQ(header(answer, "Retry-After"), "1");
  EXPECT_THAT(answer.body, HasSubstr("the tokens are taken back"));
  EXPECT_EQ(writer_->revocations({}, 10)->size(), 1U);
  EXPECT_THAT(lines(), HasSubstr(R"("tokens taken back")"));
  EXPECT_THAT(lines(), HasSubstr(R"("user":"u1")"));
  EXPECT_THAT(lines(), Not(HasSubstr("disconnected by operator"))) << "nobody was";
  EXPECT_EQ(ask("GET", clients_).status, 429);
}

TEST_F(OperatorRoutesTest, AnInstanceIsListedAsItDescribesItself) {
  serve();

  const auto answer = ask("GET", "/v1/operators/instances");

  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body,
              MatchesRegex(R"(\{"count":1,"instances":\[\{"id":"[-0-9a-f]{36}","address":"10\.0\.0\.7:3000".*)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("ready":false,"database":"away","kafka":"away","redis":null)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("metrics":{"signal_x":2.5}}]})"));
}

TEST_F(OperatorRoutesTest, ATestPushGoesToTheCallersOwnUserAndIsOnRecord) {
  serve();

  const auto answer = ask("POST", "/v1/operators/test-push");

  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("userId":"boss")"));
  ASSERT_EQ(pushed_.size(), 1U);
  EXPECT_EQ(pushed_[0].first, "ws:user:boss");
  const auto body = json::parse(answer.body);
  const auto envelope = json::parse(pushed_[0].second);
  ASSERT_TRUE(body && envelope);
  EXPECT_EQ(envelope->find("type")->text(), "user");
  EXPECT_EQ(envelope->find("target")->text(), "boss");
  EXPECT_EQ(envelope->find("event")->text(), "observation/signal/test/pushed");
  EXPECT_EQ(envelope->find("data")->find("id")->text(), body->find("id")->text());
  EXPECT_THAT(lines(), HasSubstr(R"("test push sent")"));
  EXPECT_THAT(lines(), HasSubstr(body->find("id")->text()));
}

}  // namespace
}  // namespace nx::rest
