#include "contract/operator_message.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "json/value.hpp"
#include "model/uuid.hpp"

namespace nx::contract {
namespace {

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxAddressBytes = 64;
constexpr std::size_t kMaxRooms = 128;

tl::unexpected<Error> malformed_answer(const char* what) {
  return fail(ErrorKind::invalid, std::string("operators: ") + what);
}

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

 private:
  void client(std::string_view ask, const ClientId& id) const {
    append_member(out, "ask", ask);
    append_member(out, "client", id.value);
  }
};

/// A text of that member, or none. Too long or no text at all is an error.
struct Texts {
  json::View object;
  bool broken = false;

  std::optional<std::string> operator()(std::string_view name, std::size_t max_bytes) {
    const json::View value = object.find(name);
    if (!value) return std::nullopt;
    if (!value.is_string() || value.was_cut() || value.text_size() == 0 || value.text_size() > max_bytes) {
      broken = true;
      return std::nullopt;
    }
    return value.text();
  }
  std::optional<std::string> uuid(std::string_view name) {
    auto text = (*this)(name, 36);
    if (!text) return std::nullopt;
    const auto bytes = parse_uuid(*text);
    if (!bytes || uuid_text(*bytes) != *text) {  // one spelling: it is compared as text
      broken = true;
      return std::nullopt;
    }
    return text;
  }
};

Result<OperatorAsk> read_list(Texts& texts) {
  ListClients list;
  if (auto user = texts("userId", kMaxIdBytes)) list.filter.user = UserId{*std::move(user)};
  if (auto room = texts("room", kMaxRoomBytes)) list.filter.room = RoomName{*std::move(room)};
  list.filter.address = texts("address", kMaxAddressBytes);
  auto instance = texts.uuid("afterInstance");
  auto client = texts.uuid("afterClient");
  if (texts.broken) return malformed_answer("a member of a list is no text of its length");
  if (instance.has_value() != client.has_value()) return malformed_answer("half a place");
  if (instance) list.after = ClientPlace{*std::move(instance), *std::move(client)};
  const auto limit = texts.object.find("limit").as_int64();
  if (!limit || *limit < 1 || *limit > static_cast<std::int64_t>(kMaxClientsAsked)) return malformed_answer("limit");
  list.limit = static_cast<std::size_t>(*limit);
  if (const json::View hint = texts.object.find("hint")) {
    list.hint = hint.as_int64();
    if (!list.filter.user || !list.hint || *list.hint < 0) return malformed_answer("a hint of no row");
  }
  return list;
}

Result<OperatorAsk> read_ask(std::string_view ask, Texts& texts) {
  if (ask == "list") return read_list(texts);
  if (ask == "disconnectUser") {
    auto user = texts("userId", kMaxIdBytes);
    const auto revoked_at = texts.object.find("revokedAt").as_int64();
    if (!user || !revoked_at || *revoked_at < 0) return malformed_answer("no user or no time");
    return DisconnectUser{{*std::move(user)}, {*revoked_at}};
  }
  if (ask != "find" && ask != "disconnectClient") return malformed_answer("asks for something unknown");
  auto client = texts.uuid("client");
  if (!client) return malformed_answer("no client");
  if (ask == "find") return FindClient{{*std::move(client)}};
  return DisconnectClient{{*std::move(client)}};
}

std::optional<std::int64_t> count_of(json::View object, std::string_view name) {
  const auto count = object.find(name).as_int64();
  return count && *count >= 0 ? count : std::nullopt;
}

std::optional<ClientRecord> read_client(json::View item) {
  ClientRecord client;
  Texts texts{item};
  auto id = texts.uuid("id");
  auto address = texts("address", kMaxAddressBytes);
  const json::View user = item.find("userId");
  auto user_id = user.as_id();
  const auto connected_at = count_of(item, "connectedAt");
  const auto last_activity_at = count_of(item, "lastActivityAt");
  const auto queued_bytes = count_of(item, "queuedBytes");
  if (!id || !address || !user_id || user_id->empty() || user_id->size() > kMaxIdBytes || !connected_at ||
      !last_activity_at || !queued_bytes) {
    return std::nullopt;
  }
  client.id = {*std::move(id)};
  client.user = {*std::move(user_id)};
  client.user_is_number = user.is_number();
  client.address = *std::move(address);
  client.connected_at = {*connected_at};
  client.last_activity_at = {*last_activity_at};
  client.queued_bytes = *queued_bytes;
  for (const json::View room : item.find("rooms").items()) {
    if (!room.is_string() || room.text_size() > kMaxRoomBytes || client.rooms.size() >= kMaxRooms) return std::nullopt;
    client.rooms.push_back({room.text()});
  }
  return client;
}

constexpr std::array kOutcomes{
    std::pair{PushRecord::Outcome::pushed, std::string_view{"pushed"}},
    std::pair{PushRecord::Outcome::held, std::string_view{"held"}},
    std::pair{PushRecord::Outcome::caught_up, std::string_view{"caughtUp"}},
    std::pair{PushRecord::Outcome::slow_closed, std::string_view{"slowClosed"}},
};

std::optional<PushRecord> read_push(json::View item) {
  const auto at = count_of(item, "at");
  const std::string text = item.find("outcome").text();
  const auto* const known = std::ranges::find(kOutcomes, text, [](const auto& pair) { return pair.second; });
  if (!at || known == kOutcomes.end()) return std::nullopt;
  return PushRecord{{*at}, known->first};
}

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

/// False: a member is not as it should be.
bool read_pushes(json::View root, Findings& findings) {
  const json::View since = root.find("recordsSince");
  if (!since) return true;
  const auto time = count_of(root, "recordsSince");
  if (!time) return false;
  findings.records_since = EpochMs{*time};
  for (const json::View item : root.find("pushes").items()) {
    const auto push = read_push(item);
    if (!push || findings.pushes.size() >= kMaxPushesAsked) return false;
    findings.pushes.push_back(*push);
  }
  return true;
}

}  // namespace

std::string_view to_text(PushRecord::Outcome outcome) {
  const auto* const known = std::ranges::find(kOutcomes, outcome, [](const auto& pair) { return pair.first; });
  return known == kOutcomes.end() ? std::string_view{} : known->second;
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
    if (texts.empty()) append_pushes(text, findings);
    text += R"(,"clients":[)";
    text += list;
    text += "]}";
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<OperatorQuestion> read_question(std::string_view text) {
  if (text.size() > kMaxQuestionBytes) return malformed_answer("the question is too long");
  const auto document = json::Document::read(text, {.max_depth = kMaxDepth});
  if (!document) return tl::unexpected(document.error());
  Texts texts{document->root()};
  auto id = texts.uuid("id");
  auto from = texts.uuid("from");
  const auto kind = texts("ask", 32);
  if (!id || !from || !kind) return malformed_answer("no id, no sender or nothing asked");
  auto ask = read_ask(*kind, texts);
  if (!ask) return tl::unexpected(ask.error());
  return OperatorQuestion{*std::move(id), *std::move(from), *std::move(ask)};
}

Result<OperatorAnswer> read_answer(std::string_view text) {
  const auto document = json::Document::read(text, {.max_depth = kMaxDepth});
  if (!document) return tl::unexpected(document.error());
  const json::View root = document->root();
  Texts texts{root};
  auto id = texts.uuid("id");
  auto from = texts.uuid("from");
  const auto slice = count_of(root, "slice"), slices = count_of(root, "slices"), count = count_of(root, "count");
  if (!id || !from || !slice || !slices || !count)
    return malformed_answer("an answer without id, sender, place or count");
  if (*slices < 1 || *slices > static_cast<std::int64_t>(kMaxAnswerSlices) || *slice >= *slices) {
    return malformed_answer("a slice of no place");
  }
  OperatorAnswer answer{*std::move(id),
                        *std::move(from),
                        static_cast<std::size_t>(*slice),
                        static_cast<std::size_t>(*slices),
                        {.count = *count, .clients = {}}};
  if (!read_pushes(root, answer.findings)) return malformed_answer("a push is none");
  for (const json::View item : root.find("clients").items()) {
    auto client = read_client(item);
    if (!client || answer.findings.clients.size() >= kMaxClientsAsked) return malformed_answer("a client is none");
    answer.findings.clients.push_back(*std::move(client));
  }
  return answer;
}

}  // namespace nx::contract
