#include "app/explain_command.hpp"

#include <iostream>

#include <fmt/core.h>

#include "app/printable.hpp"
#include "client/http_get.hpp"
#include "config/url_redaction.hpp"
#include "json/value.hpp"
#include "model/activity.hpp"
#include "model/percent.hpp"
#include "model/uuid.hpp"

namespace nx::app {
namespace {

using json::Value;

constexpr int kOk = 200;
constexpr std::size_t kLabelWidth = 14;

/// A member as text; `-` if it is missing.
std::string shown(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  if (value == nullptr || value->is_null()) return "-";
  return value->is_string() ? value->text() : json::write(*value);
}

void append_line(std::string& out, std::string label, const std::string& text) {
  label.resize(std::max(kLabelWidth, label.size() + 1), ' ');
  out += label + printable(text) + "\n";
}

const Value& object_of(const Value& parent, std::string_view name) {
  static const Value kNone;
  const Value* value = parent.find(name);
  return value == nullptr ? kNone : *value;
}

const std::vector<Value>& items_of(const Value& parent, std::string_view name) {
  return object_of(parent, name).items();
}

/// The id of the organizer or merchant that the message names; empty for a list of users.
std::string target_of(const Value& it) {
  const auto scope = recipient_scope(shown(it, "recipientScope"));
  if (!scope) return "";
  switch (*scope) {
    case RecipientScope::organizer:
      return " " + shown(it, "organizerId");
    case RecipientScope::merchant:
      return " " + shown(it, "merchantId");
    case RecipientScope::users:
      break;
  }
  return "";
}

void append_notification(std::string& out, const Value& it) {
  append_line(out, "notification", fmt::format("{}  {}", shown(it, "id"), shown(it, "type")));
  append_line(out, "scope", shown(it, "recipientScope") + target_of(it));
  append_line(out, "stored at", shown(it, "createdAt"));
  append_line(out, "record", fmt::format("{}  {}", shown(it, "record"), shown(it, "recordTime")));
  std::string excluded;
  for (const Value& user : items_of(it, "excluded")) excluded += (excluded.empty() ? "" : ", ") + user.text();
  if (!excluded.empty()) append_line(out, "excluded", excluded);
}

void append_membership(std::string& out, const Value& membership) {
  if (!membership.is_object()) return;
  append_line(out, "membership", shown(membership, "why"));
  for (const Value& row : items_of(membership, "rows")) {
    const std::string deleted = shown(row, "deletedAt");
    append_line(
        out, "  policy row",
        fmt::format("{}: {} {} → {} {}{}", shown(row, "variant"), shown(row, "subjectType"), shown(row, "subjectId"),
                    shown(row, "targetType"), shown(row, "targetId"), deleted == "-" ? "" : ", deleted at " + deleted));
  }
}

void append_stored(std::string& out, const Value& stored) {
  if (!stored.is_object()) return append_line(out, "inbox", "not in the inbox");
  append_line(out, "inbox", "seq " + shown(stored, "seq"));
  for (const auto& [label, name] :
       {std::pair{"  delivered", "deliveredAt"}, {"  read", "readAt"}, {"  archived", "archivedAt"}}) {
    append_line(out, label, shown(stored, name));
  }
}

void append_seen(std::string& out, const Value& root) {
  for (const Value& one : items_of(root, "connections")) {
    append_line(out, "connected",
                fmt::format("instance {}, client {} from {} since {}", shown(one, "instance"), shown(one, "id"),
                            shown(one, "address"), shown(one, "connectedAt")));
  }
  if (items_of(root, "connections").empty()) append_line(out, "connected", "no client now");
  for (const Value& one : items_of(root, "pushes")) {
    append_line(out, "push",
                fmt::format("{} at {}, instance {}", shown(one, "outcome"), shown(one, "at"), shown(one, "instance")));
  }
  for (const Value& one : items_of(root, "recordsSince")) {
    append_line(out, "push records", fmt::format("instance {} since {}", shown(one, "instance"), shown(one, "since")));
  }
  for (const Value& one : items_of(root, "missing")) append_line(out, "no answer", "instance " + one.text());
}

/// The status, the server's own error message if there is one, and advice for 401 and 403.
std::string reason_of(const http_client::Answer& answer) {
  std::string reason = "HTTP status " + std::to_string(answer.status);
  const auto body = json::parse(answer.body);
  if (body && body->find("message") != nullptr) reason += ", " + printable(shown(*body, "message"));
  if (answer.status == 401) reason += "; is the token given (--token or SIGNAL_TOKEN), and not expired?";
  if (answer.status == 403) reason += "; the token needs a role of SIGNAL_ADMIN_ROLES";
  return reason;
}

int refuse(const std::string& text, int code) {
  std::cerr << "nx-signal explain: " << text << "\n";
  return code;
}

}  // namespace

Result<std::string> explanation_lines(const std::string& json) {
  const auto root = json::parse(json);
  if (!root || !root->is_object() || !object_of(*root, "notification").is_object()) {
    return fail(ErrorKind::invalid, "the answer is not an explanation: is --url an instance of Signal?");
  }
  std::string out;
  if (root->find("verdict") == nullptr) {
    append_notification(out, object_of(*root, "notification"));
    for (const char* name : {"recipients", "delivered", "read", "archived"}) append_line(out, name, shown(*root, name));
    if (!object_of(*root, "complete").as_bool())
      append_line(out, "", "incomplete: not all inboxes could be read in time");
    return out;
  }
  out = printable(shown(*root, "verdict")) + "\n\n";
  append_line(out, "code", shown(*root, "code"));
  append_notification(out, object_of(*root, "notification"));
  append_membership(out, object_of(*root, "membership"));
  append_stored(out, object_of(*root, "stored"));
  append_seen(out, *root);
  return out;
}

int run_explain(const ExplainFlags& flags) {
  if (!parse_uuid(flags.id)) {
    return refuse(
        fmt::format("'{}' is not a notification id, for example 01935f2e-7c00-7000-8000-000000000001", flags.id), 2);
  }
  if (!flags.url.starts_with("http://") && !flags.url.starts_with("https://")) {
    return refuse(fmt::format("--url {} is not an http:// or https:// address", config::redact_url(flags.url)), 2);
  }
  client::HttpQuestion question{.url = flags.url, .token = flags.token, .verify = !flags.insecure};
  while (question.url.ends_with('/')) question.url.pop_back();
  question.url += fmt::format("/v1/notifications/{}/explain", flags.id);
  if (!flags.user.empty()) question.url += "?userId=" + percent_encode(flags.user);
  const auto answer = client::http_get(question);
  if (!answer) return refuse(fmt::format("{}: {}", config::redact_url(flags.url), answer.error().message), 1);
  if (answer->status != kOk) return refuse(fmt::format("{}: {}", config::redact_url(flags.url), reason_of(*answer)), 1);
  if (flags.json) {
    std::cout << answer->body << "\n";
    return 0;
  }
  const auto lines = explanation_lines(answer->body);
  if (!lines) return refuse(fmt::format("{}: {}", config::redact_url(flags.url), lines.error().message), 1);
  std::cout << *lines;
  return 0;
}

}  // namespace nx::app
