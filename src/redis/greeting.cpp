#include "redis/greeting.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "redis/resp_command.hpp"

namespace nx::redis {
namespace {

constexpr std::size_t kShownBytes = 200;  // bytes shown of a server's message

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Makes a server's message safe for a log line: printable, not too long, and without command arguments that the server
/// repeats, because a password may be among them.
std::string shown(std::string_view error) {
  std::string text(error.substr(0, std::min(error.find(", with args"), kShownBytes)));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

Greeting::Greeting(const RedisUrl& url, std::string name)
    : user_(url.user), password_(url.password), name_(std::move(name)), database_(url.database) {
  ask(Step::hello);
}

std::string Greeting::take_output() {
  return std::exchange(output_, {});
}

void Greeting::ask(Step step) {
  step_ = step;
  std::vector<std::string> words;
  switch (step) {
    case Step::hello:
      words = {"HELLO", "3"};
      if (has_credentials()) {
        words.insert(words.end(), {"AUTH", user_.empty() ? std::string("default") : user_, password_});
      }
      words.insert(words.end(), {"SETNAME", name_});
      break;
    case Step::auth:
      words = {"AUTH"};
      if (!user_.empty()) words.push_back(user_);
      words.push_back(password_);
      break;
    case Step::select:
      words = {"SELECT", std::to_string(database_)};
      break;
    case Step::done:
      return;
  }
  append_command(output_, words);
}

Result<bool> Greeting::on_reply(const RespValue& reply) {
  if (reply.type() == RespType::push) return false;  // an out-of-band message
  if (reply.type() == RespType::error) return refused(reply.text());
  if (step_ != Step::select && database_ != 0) {
    ask(Step::select);
    return false;
  }
  step_ = Step::done;
  return true;
}

Result<bool> Greeting::refused(std::string_view error) {
  const Refusal refusal = classify(error);
  // HELLO can be refused by Redis before version 6, by an ACL or by a proxy, so its error does not tell whether the
  // credentials are wrong. AUTH is sent next: it is refused only when they are.
  const bool asks_for_password = refusal == Refusal::no_password && !has_credentials();
  if (step_ == Step::hello && refusal != Refusal::retry && !asks_for_password) {
    if (has_credentials()) {
      ask(Step::auth);
    } else if (database_ != 0) {
      ask(Step::select);
    } else {
      step_ = Step::done;
      return true;
    }
    return false;
  }
  std::string words(error);
  constexpr std::string_view kHidden = "***";
  for (std::size_t at = 0; !password_.empty() && (at = words.find(password_, at)) != std::string::npos;) {
    words.replace(at, password_.size(), kHidden);
    at += kHidden.size();
  }
  if (step_ == Step::select && refusal == Refusal::other) {
    return fail(ErrorKind::invalid,
                "SELECT " + std::to_string(database_) + ": " + shown(words) + ": check the /db of SIGNAL_REDIS_URL");
  }
  const char* const doing = step_ == Step::hello ? "HELLO" : step_ == Step::auth ? "AUTH" : "SELECT";
  return fail(refusal == Refusal::retry ? ErrorKind::unavailable : ErrorKind::invalid, explain(words, doing));
}

Refusal classify(std::string_view error) {
  const std::string_view code = error.substr(0, error.find(' '));
  for (const std::string_view passing : {"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "MOVED", "ASK",
                                         "READONLY", "NOREPLICAS", "MISCONF"}) {
    if (code == passing) return Refusal::retry;
  }
  if (code == "NOAUTH") return Refusal::no_password;
  if (code == "WRONGPASS") return Refusal::credentials;
  if (code == "NOPERM") return Refusal::permission;
  if (code == "ERR" && contains(error, "max number of clients")) return Refusal::retry;
  // The messages of Redis before version 6.
  if (code == "ERR" && (contains(error, "invalid password") || contains(error, "no password is set") ||
                        contains(error, "without any password configured"))) {
    return Refusal::credentials;
  }
  return Refusal::other;
}

std::string explain(std::string_view error, std::string_view doing) {
  std::string said = std::string(doing) + ": " + shown(error);
  switch (classify(error)) {
    case Refusal::no_password:
      return said + ": a password is missing in SIGNAL_REDIS_URL, for example redis://:password@redis:6379";
    case Refusal::credentials:
      return said + ": check user and password in SIGNAL_REDIS_URL";
    case Refusal::permission:
      return said +
             ": the user's ACL needs &ws:broadcast &ws:room:* &ws:client:* &ws:user:* &signal:* +hello +ping +publish "
             "+subscribe +psubscribe +unsubscribe "
             "+role +cluster|slots (docs/security.md)";
    case Refusal::retry:
    case Refusal::other:
      return said;
  }
  return said;
}

}  // namespace nx::redis
