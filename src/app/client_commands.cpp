#include <csignal>
#include <iostream>
#include <pthread.h>
#include <thread>

#include <fmt/core.h>

#include "app/commands.hpp"
#include "app/termination.hpp"
#include "client/conform/conform.hpp"
#include "client/listen.hpp"
#include "client/produce.hpp"
#include "json/value.hpp"

namespace nx::app {
namespace {

constexpr std::chrono::seconds kEndWithin{3};

/// Sets a flag on SIGTERM or SIGINT while the object lives, and on SIGHUP unless that is ignored.
class StopFlag {
 public:
  StopFlag()
      : waiter_([this, keeps_on_at_hang_up = hang_up_is_ignored()] {
          while (termination_.wait() == Termination::Request::reload && keeps_on_at_hang_up) {
          }
          raised_.store(true);
          termination_.end_within(kEndWithin, nullptr);  // the reader of the output may be gone
        }) {}
  ~StopFlag() {
    pthread_kill(waiter_.native_handle(), SIGINT);
    waiter_.join();
  }
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;
  const std::atomic<bool>& raised() const { return raised_; }

 private:
  Termination termination_;
  std::atomic<bool> raised_{false};
  std::thread waiter_;
};

Result<std::string> message_of(const NotifyFlags& flags) {
  std::vector<json::Member> members;
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) members.push_back({name, json::Value::string(value)});
  };
  if (!flags.id.empty()) text("id", flags.id);
  text("recipientScope", flags.scope);
  text("organizerId", flags.organizer);
  text("merchantId", flags.merchant);
  if (!flags.to.empty()) {
    std::vector<json::Value> ids;
    for (const std::string& id : flags.to) ids.push_back(json::Value::string(id));
    members.push_back({"recipientIds", json::Value::array(std::move(ids))});
  }
  text("type", flags.type);
  text("title", flags.title);
  text("body", flags.body);
  if (!flags.data.empty()) {
    auto data = json::parse(flags.data);
    if (!data)
      return fail(ErrorKind::invalid,
                  fmt::format("--data: {}; for example --data '{}'", data.error().message, R"({"amount":5})"));
    members.push_back({"data", std::move(*data)});
  }
  return json::write(json::Value::object(std::move(members)));
}

}  // namespace

int run_listen(const ListenFlags& flags) {
  const StopFlag stop;
  client::ListenOptions options;
  options.url = flags.url;
  options.token = flags.token;
  options.rooms = flags.rooms;
  options.since = flags.since;
  if (flags.insecure) options.trust.check = client::CertificateCheck::skip;
  return client::listen(options, std::cout, std::cerr, stop.raised());
}

int run_conform(const ConformFlags& flags) {
  const StopFlag stop;
  client::conform::ConformOptions options;
  options.url = flags.url;
  options.tokens = {flags.token, flags.other_token, flags.expired_token, flags.jwks};
  options.answer_within = std::chrono::seconds(flags.answer_seconds);
  options.auth_timeout = std::chrono::seconds(flags.auth_seconds);
  options.heartbeat_timeout = std::chrono::seconds(flags.heartbeat_seconds);
  options.rest = flags.rest;
  if (flags.insecure) options.trust.check = client::CertificateCheck::skip;
  return client::conform::conform(options, std::cout, std::cerr, stop.raised());
}

int run_notify(const config::Configuration& configuration, const NotifyFlags& flags) {
  std::vector<std::string> given;
  if (!flags.scope.empty()) {
    auto message = message_of(flags);
    if (!message) {
      std::cerr << "nx-signal notify: " << message.error().message << "\n";
      return 2;
    }
    given.push_back(std::move(*message));
  } else if (!flags.title.empty() || !flags.to.empty() || !flags.type.empty()) {
    std::cerr << "nx-signal notify: --scope is missing; for example --scope users --to u1,u2 --type T --title …\n";
    return 2;
  }
  auto next_given = given.begin();
  const auto next_line = [&]() -> std::optional<std::string> {
    if (!flags.scope.empty()) return next_given == given.end() ? std::nullopt : std::optional(*next_given++);
    std::string line;
    return std::getline(std::cin, line) ? std::optional(std::move(line)) : std::nullopt;
  };
  const ingest::KafkaOptions& kafka = configuration.kafka;
  const auto report = client::produce({{kafka.connection()}, kafka.topic, kafka.boot_timeout}, next_line);
  if (!report) {
    std::cerr << "nx-signal notify: " << report.error().message << "\n";
    return 1;
  }
  for (const auto& refused : report->refused) {
    std::cerr << "nx-signal notify: line " << refused.line << ": " << refused.reason << "\n";
  }
  std::cout << report->produced << " produced, " << report->refused.size() << " refused\n";
  return report->refused.empty() ? 0 : 1;
}

}  // namespace nx::app
