#include "contract/operator_message.hpp"

#include <utility>

#include "json/value.hpp"

namespace nx::contract {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  json::append_string(out, text);
}

void append_member(std::string& out, std::string_view name, std::int64_t number) {
  out += ",\"";
  out += name;
  out += "\":";
  out += std::to_string(number);
}

struct AskWriter {
  std::string& out;

  void operator()(const ListClients& list) const {
    append_member(out, "ask", "list");
    if (list.filter.user) append_member(out, "userId", list.filter.user->value);
    if (list.filter.room) append_member(out, "room", list.filter.room->value);
    if (list.filter.address) append_member(out, "address", *list.filter.address);
    if (list.after) {
      append_member(out, "afterInstance", list.after->instance);
      append_member(out, "afterClient", list.after->client);
    }
    append_member(out, "limit", static_cast<std::int64_t>(list.limit));
    if (list.hint) append_member(out, "hint", *list.hint);
  }
  void operator()(const FindClient& find) const { client("find", find.client); }
  void operator()(const DisconnectClient& one) const { client("disconnectClient", one.client); }
  void operator()(const DisconnectUser& user) const {
    append_member(out, "ask", "disconnectUser");
    append_member(out, "userId", user.user.value);
    append_member(out, "revokedAt", user.revoked_at.value);
  }
  void operator()(const DescribeInstance&) const { append_member(out, "ask", "describe"); }

 private:
  void client(std::string_view ask, const ClientId& id) const {
    append_member(out, "ask", ask);
    append_member(out, "client", id.value);
  }
};

void append_pushes(std::string& out, const Findings& findings) {
  if (!findings.records_since) return;
  append_member(out, "recordsSince", findings.records_since->value);
  out += R"(,"pushes":[)";
  for (const PushRecord& push : findings.pushes) {
    if (out.back() != '[') out += ',';
    out += R"({"at":)" + std::to_string(push.at.value);
    append_member(out, "outcome", to_text(push.outcome));
    out += '}';
  }
  out += ']';
}

void append_instance(std::string& out, const Findings& findings) {
  if (!findings.instance) return;
  out += R"(,"instance":{)";
  append_instance_members(out, *findings.instance);
  out += '}';
}

}  // namespace

std::string_view to_text(PushRecord::Outcome outcome) {
  switch (outcome) {
    case PushRecord::Outcome::pushed:
      return "pushed";
    case PushRecord::Outcome::held:
      return "held";
    case PushRecord::Outcome::caught_up:
      return "caughtUp";
    case PushRecord::Outcome::slow_closed:
      break;
  }
  return "slowClosed";
}

void append_client_head(std::string& out, const ClientRecord& client) {
  out += R"({"id":)";
  json::append_string(out, client.id.value);
  out += R"(,"userId":)";
  if (client.user_is_number) {
    out += client.user.value;
  } else {
    json::append_string(out, client.user.value);
  }
  out += R"(,"rooms":[)";
  for (const RoomName& room : client.rooms) {
    if (out.back() != '[') out += ',';
    json::append_string(out, room.value);
  }
  out += ']';
  append_member(out, "connectedAt", client.connected_at.value);
  append_member(out, "address", client.address);
  append_member(out, "lastActivityAt", client.last_activity_at.value);
  append_member(out, "queuedBytes", client.queued_bytes);
}

std::string question_text(const OperatorQuestion& question) {
  std::string out = R"({"id":)";
  json::append_string(out, question.id);
  append_member(out, "from", question.from);
  std::visit(AskWriter{out}, question.ask);
  return out + '}';
}

std::vector<std::string> answer_texts(const std::string& question, const std::string& from, const Findings& findings) {
  std::vector<std::string> lists{""};
  for (const ClientRecord& client : findings.clients) {
    if (lists.back().size() >= kAnswerSliceBytes) lists.emplace_back();
    if (!lists.back().empty()) lists.back() += ',';
    append_client_head(lists.back(), client);
    lists.back() += '}';
  }
  std::vector<std::string> texts;
  for (const std::string& list : lists) {
    std::string text = R"({"id":)";
    json::append_string(text, question);
    append_member(text, "from", from);
    append_member(text, "slice", static_cast<std::int64_t>(texts.size()));
    append_member(text, "slices", static_cast<std::int64_t>(lists.size()));
    append_member(text, "count", findings.count);
    if (texts.empty()) {
      append_pushes(text, findings);
      append_instance(text, findings);
    }
    text += R"(,"clients":[)";
    text += list;
    text += "]}";
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace nx::contract
