// Parses questions and answers of operators from the bus. Text that differs from what operator_message.cpp writes is
// refused.

#include <utility>

#include "contract/operator_message.hpp"
#include "json/document.hpp"
#include "model/uuid.hpp"

namespace nx::contract {
namespace {

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxAddressBytes = 64;
constexpr std::size_t kMaxRooms = 128;

tl::unexpected<Error> malformed_answer(const char* what) {
  return fail(ErrorKind::invalid, std::string("operators: ") + what);
}

/// Reads text members of `object`. An absent member is std::nullopt; one that is too long, empty or not a string sets
/// `broken`.
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
    if (!bytes || uuid_text(*bytes) != *text) {  // only one spelling is accepted, because ids are compared as text
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
  if (texts.broken) return malformed_answer("a member of a list is not text of an allowed length");
  if (instance.has_value() != client.has_value()) return malformed_answer("an incomplete position");
  if (instance) list.after = ClientPlace{*std::move(instance), *std::move(client)};
  const auto limit = texts.object.find("limit").as_int64();
  if (!limit || *limit < 1 || *limit > static_cast<std::int64_t>(kMaxClientsAsked)) return malformed_answer("limit");
  list.limit = static_cast<std::size_t>(*limit);
  if (const json::View hint = texts.object.find("hint")) {
    list.hint = hint.as_int64();
    if (!list.filter.user || !list.hint || *list.hint < 0) return malformed_answer("a hint without a row");
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
  if (ask == "describe") return DescribeInstance{};
  if (ask != "find" && ask != "disconnectClient") return malformed_answer("an unknown question");
  auto client = texts.uuid("client");
  if (!client) return malformed_answer("no client");
  if (ask == "find") return FindClient{{*std::move(client)}};
  return DisconnectClient{{*std::move(client)}};
}

std::optional<std::int64_t> number_up_to(std::int64_t most, json::View object, std::string_view name) {
  const auto number = object.find(name).as_int64();
  return number && *number >= 0 && *number <= most ? number : std::nullopt;
}

/// Bounded so that the counts of many instances can be added.
std::optional<std::int64_t> whole_count_of(json::View object, std::string_view name) {
  return number_up_to(std::int64_t{1} << 53, object, name);
}

/// A time that ISO 8601 can express.
std::optional<std::int64_t> time_of(json::View object, std::string_view name) {
  constexpr std::int64_t kLatest = 253'402'300'799'999;  // 9999-12-31
  return number_up_to(kLatest, object, name);
}

std::optional<ClientRecord> read_client(json::View item) {
  ClientRecord client;
  Texts texts{item};
  auto id = texts.uuid("id");
  auto address = texts("address", kMaxAddressBytes);
  const json::View user = item.find("userId");
  auto user_id = user.as_id();
  const auto connected_at = time_of(item, "connectedAt");
  const auto last_activity_at = time_of(item, "lastActivityAt");
  const auto queued_bytes = whole_count_of(item, "queuedBytes");
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

std::optional<PushRecord> read_push(json::View item) {
  const auto at = time_of(item, "at");
  const json::View outcome = item.find("outcome");
  if (!at) return std::nullopt;
  using enum PushRecord::Outcome;
  for (const PushRecord::Outcome known : {pushed, held, caught_up, slow_closed}) {
    if (outcome.text_is(to_text(known))) return PushRecord{{*at}, known};
  }
  return std::nullopt;
}

/// Returns false when a member is invalid.
bool read_pushes(json::View root, Findings& findings) {
  const json::View since = root.find("recordsSince");
  if (!since) return true;
  const auto time = time_of(root, "recordsSince");
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

Result<OperatorQuestion> read_question(std::string_view text) {
  if (text.size() > kMaxQuestionBytes) return malformed_answer("the question is too long");
  const auto document = json::Document::read(text, {.max_depth = kMaxDepth});
  if (!document) return error_of(document);
  Texts texts{document->root()};
  auto id = texts.uuid("id");
  auto from = texts.uuid("from");
  const auto kind = texts("ask", 32);
  if (!id || !from || !kind) return malformed_answer("no id, no sender or nothing asked");
  auto ask = read_ask(*kind, texts);
  if (!ask) return error_of(ask);
  return OperatorQuestion{*std::move(id), *std::move(from), *std::move(ask)};
}

Result<OperatorAnswer> read_answer(std::string_view text) {
  const auto document = json::Document::read(text, {.max_depth = kMaxDepth});
  if (!document) return error_of(document);
  const json::View root = document->root();
  Texts texts{root};
  auto id = texts.uuid("id");
  auto from = texts.uuid("from");
  const auto slice = whole_count_of(root, "slice"), slices = whole_count_of(root, "slices"),
             count = whole_count_of(root, "count");
  if (!id || !from || !slice || !slices || !count)
    return malformed_answer("an answer without id, sender, place or count");
  if (*slices < 1 || *slices > static_cast<std::int64_t>(kMaxAnswerSlices) || *slice >= *slices) {
    return malformed_answer("a slice without a position");
  }
  OperatorAnswer answer{*std::move(id),
                        *std::move(from),
                        static_cast<std::size_t>(*slice),
                        static_cast<std::size_t>(*slices),
                        {.count = *count, .clients = {}}};
  if (!read_pushes(root, answer.findings)) return malformed_answer("an invalid push");
  if (const json::View item = root.find("instance")) {
    answer.findings.instance = read_instance(item);
    if (!answer.findings.instance) return malformed_answer("an invalid instance");
  }
  for (const json::View item : root.find("clients").items()) {
    auto client = read_client(item);
    if (!client || answer.findings.clients.size() >= kMaxClientsAsked) return malformed_answer("an invalid client");
    answer.findings.clients.push_back(*std::move(client));
  }
  return answer;
}

}  // namespace nx::contract
