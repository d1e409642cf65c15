#include "component/rest/random_filters.hpp"

#include <array>

#include "component/rest/filter_evaluator.hpp"
#include "json/value.hpp"
#include "model/uuid.hpp"

namespace nx::rest {
namespace {

const std::vector<std::string> kTexts{"alpha", "Alpha", "a",        "aa",   "",         "b",   "ab",
                                      "5",     "12",    "a_b",      "a%b",  "ĐƠN hàng", "đơn", "é",
                                      "É",     "x\ny",  "Ångström", "zeta", "-7.25",    "a\\b"};
const std::vector<std::string> kTypes{"payment.success", "payment.failed", "order.new"};
const std::vector<std::string> kPatterns{"a%",      "%a", "%a%", "_", "__",  "A%", "đ%",   "%H_NG",     "a\\\\_b",
                                         "a\\\\%b", "%",  "",    "5", "%_b", "é",  "ÅNG%", "%\\\\\\\\%"};
const std::vector<std::string> kNumbers{"5", "-7.25", "1000", "0.1", "12", "0", "15"};
const std::vector<std::string> kLexemes{"5", "5.0", "-7.25", "1e3", "-0.0", "0.1", "1.50e1", "12"};
const std::vector<std::string> kPlaces{"data.x", "data.s",    "data.flag", "data.n.a",     "data.list[0]", "data.list",
                                       "data.n", "data.nope", "extra.k",   "data.list[1]", "extra.k.0"};
const std::vector<std::string> kExtras{"", "{}", R"({"k":1})", R"({"k":2})", R"({"k":[1,2],"j":"t"})", R"({"j":null})"};
const std::vector<std::string> kFields{"key",     "type",       "title", "body",       "recipientScope", "merchantId",
                                       "actorId", "id",         "seq",   "occurredAt", "createdAt",      "modifiedAt",
                                       "readAt",  "archivedAt", "extra", "data",       "organizerId"};

bool is_place(const std::string& field) {
  return field.find('.') != std::string::npos;
}
bool is_time(const std::string& field) {
  return field.ends_with("At");
}
bool is_text(const std::string& field) {
  return !is_place(field) && !is_time(field) && field != "id" && field != "seq" && field != "extra" && field != "data";
}

std::string quoted(const std::string& text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

}  // namespace

std::string RandomFilters::data(int place) {
  std::string out = R"({"u":)" + std::to_string(place);
  if (chance(80)) {
    out += R"(,"x":)" + (chance(60)   ? kLexemes[below(kLexemes.size())]
                         : chance(50) ? quoted(kTexts[below(kTexts.size())])
                                      : "null");
  }
  if (chance(70)) out += R"(,"s":)" + quoted(kTexts[below(kTexts.size())]);
  if (chance(60)) out += R"(,"flag":)" + std::string{chance(40) ? "true" : chance(50) ? "false" : R"("true")"};
  if (chance(50))
    out +=
        R"(,"n":{"a":)" + (chance(50) ? kLexemes[below(kLexemes.size())] : quoted(kTexts[below(kTexts.size())])) + "}";
  if (chance(50))
    out += R"(,"list":)" + std::string{chance(30) ? "[]" : chance(50) ? R"([5,"a"])" : R"(["a",{"b":1,"aa":[2]}])"};
  return out + "}";
}

store::NewNotification RandomFilters::notification(int place) {
  store::NewNotification item;
  Activity& activity = item.activity;
  activity.source = "random/0/" + std::to_string(place) + "/0";
  if (chance(70)) activity.key = "key-" + std::to_string(place % 40 == 0 ? place : place);
  activity.type = kTypes[below(kTypes.size())];
  activity.title = kTexts[below(kTexts.size())];
  if (chance(70)) activity.body = kTexts[below(kTexts.size())];
  if (chance(80)) activity.data = data(place);
  const std::string& extra = kExtras[below(kExtras.size())];
  if (!extra.empty()) activity.extra = extra;
  if (chance(50)) activity.merchant_id = "m" + std::to_string(below(4));
  if (chance(50)) activity.actor_id = "user-" + std::to_string(below(3));
  activity.scope = activity.merchant_id ? RecipientScope::merchant : RecipientScope::users;
  if (chance(70)) activity.occurred_at = EpochMs{1'767'225'600'000 + static_cast<std::int64_t>(below(20)) * 500};
  item.recipients = {{"u1"}};
  if (chance(30)) item.recipients.push_back({"u2"});
  return item;
}

void RandomFilters::change(store::ActivityNotificationRepository& store, const std::vector<NotificationId>& ids) {
  const auto some = [&](int percent, store::Change change) {
    for (const NotificationId& id : ids) {
      if (chance(percent)) static_cast<void>(store.change({"u1"}, id, change));
    }
  };
  some(20, {.read = true, .archived = {}});
  static_cast<void>(store.mark_all_read({"u1"}, static_cast<std::int64_t>(ids.size() / 4)));
  some(10, {.read = false, .archived = {}});
  some(15, {.read = {}, .archived = true});
  static_cast<void>(store.mark_all_read({"u1"}, static_cast<std::int64_t>(ids.size() / 2)));
  some(8, {.read = false, .archived = {}});
  some(5, {.read = {}, .archived = false});
}

std::string RandomFilters::value(const std::string& field, const std::vector<InboxRow>& rows) {
  if (chance(8)) return "null";
  const InboxRow& row = rows[below(rows.size())];
  if (field == "id") return '"' + uuid_text(row.notification.id.bytes) + '"';
  if (field == "seq") return chance(20) ? '"' + std::to_string(row.seq) + '"' : std::to_string(row.seq);
  if (field == "key" && row.notification.key) return '"' + *row.notification.key + '"';
  if (is_time(field)) {
    EpochMs time =
        field == "occurredAt" ? row.notification.occurred_at.value_or(EpochMs{0}) : row.notification.created_at;
    if (field == "readAt") time = row.read_at.value_or(time);
    if (field == "archivedAt") time = row.archived_at.value_or(time);
    time.value += static_cast<std::int64_t>(below(3)) - 1;
    return chance(30) ? std::to_string(time.value) : '"' + iso8601(time) + '"';
  }
  if (field == "extra" || field == "data") {
    const std::string& extra = kExtras[1 + below(kExtras.size() - 1)];
    return extra;
  }
  if (field == "type") return '"' + kTypes[below(kTypes.size())] + '"';
  if (field == "recipientScope") return chance(50) ? R"("merchant")" : R"("users")";
  if (field == "merchantId") return "\"m" + std::to_string(below(4)) + '"';
  if (field == "actorId") return "\"user-" + std::to_string(below(3)) + '"';
  if (is_place(field) && chance(45)) return kNumbers[below(kNumbers.size())];
  if (is_place(field) && chance(15)) return chance(50) ? "true" : "false";
  if (chance(10)) return kNumbers[below(kNumbers.size())];
  return quoted(kTexts[below(kTexts.size())]);
}

std::string RandomFilters::list(const std::string& field, const std::vector<InboxRow>& rows) {
  std::string out;
  for (std::size_t i = below(5); i > 0; --i) out += (out.empty() ? "" : ",") + value(field, rows);
  return "[" + out + "]";
}

std::string RandomFilters::operators(const std::string& field, const std::vector<InboxRow>& rows) {
  const bool document = field == "extra" || field == "data";
  const bool patterns = is_text(field) || is_place(field);
  std::string out;
  // A place that one operator compares as a number is a number for all of them: only numbers stand beside it.
  const auto add = [&](const std::string& name, const std::string& text) {
    out += (out.empty() ? "\"" : ",\"") + name + "\":" + text;
  };
  static const std::array<const char*, 5> kEquality{"eq", "ne", "neq", "is", "isn"};
  static const std::array<const char*, 4> kComparison{"gt", "gte", "lt", "lte"};
  switch (below(document ? 2 : patterns ? 6 : 4)) {
    case 0:
      add(kEquality[below(5)], value(field, rows));
      break;
    case 1: {
      const char* name = chance(50) ? "inq" : chance(50) ? "nin" : "in";
      add(name, chance(90) ? list(field, rows) : value(field, rows));
      break;
    }
    case 2:
      add(kComparison[below(2)], value(field, rows));
      if (chance(30) && !is_place(field)) add(kComparison[2 + below(2)], value(field, rows));
      break;
    case 3:
      add(chance(60) ? "between" : "notBetween", "[" + value(field, rows) + "," + value(field, rows) + "]");
      break;
    case 4: {
      static const std::array<const char*, 4> kLike{"like", "nlike", "ilike", "nilike"};
      add(kLike[below(4)], chance(5) ? "null" : '"' + kPatterns[below(kPatterns.size())] + '"');
      break;
    }
    default:
      add("regexp", quoted(known_expressions()[below(known_expressions().size())].pattern));
      break;
  }
  return "{" + out + "}";
}

std::string RandomFilters::field() {
  return chance(35) ? kPlaces[below(kPlaces.size())] : kFields[below(kFields.size())];
}

std::string RandomFilters::member(const std::vector<InboxRow>& rows) {
  const std::string name = field();
  const std::string head = '"' + name + "\":";
  if (chance(60)) return head + operators(name, rows);
  return head + (chance(20) ? list(name, rows) : value(name, rows));
}

std::string RandomFilters::where(const std::vector<InboxRow>& rows, int depth) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : ",") + text; };
  std::size_t members = 1 + below(2);
  if (chance(5)) members = 0;
  if (members > 0) add(member(rows));
  for (const char* name : {"and", "or"}) {
    if (depth == 0 || !chance(35)) continue;
    std::string group;
    for (std::size_t i = below(4); i > 0; --i) group += (group.empty() ? "" : ",") + where(rows, depth - 1);
    add('"' + std::string{name} + "\":[" + group + "]");
  }
  return "{" + out + "}";
}

std::string RandomFilters::order() {
  std::string out;
  for (std::size_t i = 1 + below(2); i > 0; --i) {
    std::string name = field();
    if (name == "id") name = "seq";
    out += (out.empty() ? "\"" : ",\"") + name + (chance(40) ? " ASC" : chance(50) ? " DESC" : "") + "\"";
  }
  return "[" + out + "]";
}

std::string RandomFilters::filter(const std::vector<InboxRow>& rows) {
  std::string out = R"("where":)" + where(rows, 3);
  if (chance(40)) out += R"(,"order":)" + order();
  out += R"(,"limit":)" + std::to_string(chance(70) ? 100 : 1 + below(20));
  if (chance(30)) out += R"(,"skip":)" + std::to_string(below(30));
  return "{" + out + "}";
}

}  // namespace nx::rest
