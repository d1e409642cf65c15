#include "component/rest/filter_evaluator.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <variant>

#include "model/uuid.hpp"

namespace nx::rest {
namespace {

enum class Ternary { no, yes, unknown };
using Key = std::variant<double, std::string>;
using MaybeKey = std::optional<Key>;

Ternary of(bool truth) {
  return truth ? Ternary::yes : Ternary::no;
}
Ternary opposite(Ternary t) {
  return t == Ternary::unknown ? t : of(t == Ternary::no);
}

// --- documents ---------------------------------------------------------------------------------------------------

/// The numbers of the samples, as PostgreSQL writes them.
std::string number_text(const std::string& lexeme) {
  static const std::map<std::string, std::string> kWritten{
      {"1e3", "1000"}, {"-0.0", "0.0"}, {"1.50e1", "15.0"}, {"1e-7", "0.0000001"}};
  const auto found = kWritten.find(lexeme);
  return found == kWritten.end() ? lexeme : found->second;
}

std::string document_text(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::null:
      return "null";
    case json::Kind::boolean:
      return value.as_bool() ? "true" : "false";
    case json::Kind::number:
      return number_text(value.text());
    case json::Kind::string:
      return json::write(value);
    case json::Kind::array: {
      std::string out;
      for (const json::Value& item : value.items()) out += (out.empty() ? "" : ", ") + document_text(item);
      return "[" + out + "]";
    }
    case json::Kind::object:
      break;
  }
  std::map<std::pair<std::size_t, std::string>, std::string> members;
  for (const json::Member& member : value.members()) {
    members[{member.name.size(), member.name}] = document_text(member.value);
  }
  std::string out;
  for (const auto& [name, text] : members) out += (out.empty() ? "\"" : ", \"") + name.second + "\": " + text;
  return "{" + out + "}";
}

const json::Value* place(const json::Value& document, const std::vector<std::string>& path) {
  const json::Value* at = &document;
  if (at->is_null()) return nullptr;
  for (const std::string& step : path) {
    if (at->is_array()) {
      const bool index = !step.empty() && step.find_first_not_of("0123456789") == std::string::npos;
      if (!index || std::stoul(step) >= at->items().size()) return nullptr;
      at = &at->items()[std::stoul(step)];
    } else {
      at = at->find(step);
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::vector<std::string> split(const std::string& name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c != '.' && c != '[' && c != ']') {
      parts.back() += c;
    } else if (!parts.back().empty()) {
      parts.emplace_back();
    }
  }
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

std::optional<std::string> place_text(const json::Value* at) {
  if (at == nullptr || at->is_null()) return std::nullopt;
  return at->is_string() ? at->text() : document_text(*at);
}

std::optional<double> decimal(const std::string& text) {
  const std::size_t begin = text.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto digits = [&](std::size_t from, std::size_t to) {
    return from < to &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from), text.begin() + static_cast<std::ptrdiff_t>(to),
                       [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!digits(begin, point) || (point < text.size() && !digits(point + 1, text.size()))) return std::nullopt;
  return std::strtod(text.c_str(), nullptr);
}

// --- fields ------------------------------------------------------------------------------------------------------

enum class Kind { text, integer, time, document, place };

Kind kind_of(const std::string& name) {
  if (name.find_first_of(".[") != std::string::npos) return Kind::place;
  if (name == "seq") return Kind::integer;
  if (name == "data" || name == "extra") return Kind::document;
  return name.ends_with("At") ? Kind::time : Kind::text;
}

const json::Value& document(const std::string& name, const Sample& sample) {
  return name.starts_with("data") ? sample.data : sample.extra;
}

MaybeKey time_key(const std::optional<EpochMs>& time) {
  if (!time) return std::nullopt;
  return Key{static_cast<double>(time->value)};
}
MaybeKey text_key(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return Key{*text};
}

MaybeKey field(const std::string& name, const Sample& sample, bool as_number) {
  const Notification& n = sample.row.notification;
  if (kind_of(name) == Kind::place) {
    auto path = split(name);
    path.erase(path.begin());
    const auto text = place_text(place(document(name, sample), path));
    if (!text || !as_number) return text_key(text);
    const auto number = decimal(*text);
    return number ? MaybeKey{*number} : std::nullopt;
  }
  if (kind_of(name) == Kind::document) {
    const json::Value& whole = document(name, sample);
    return whole.is_null() ? std::nullopt : MaybeKey{document_text(whole)};
  }
  if (name == "id") return Key{uuid_text(n.id.bytes)};
  if (name == "seq") return Key{static_cast<double>(sample.row.seq)};
  if (name == "key") return text_key(n.key);
  if (name == "type") return Key{n.type};
  if (name == "title") return Key{n.title};
  if (name == "body") return text_key(n.body);
  if (name == "recipientScope") return Key{std::string{to_text(n.scope)}};
  if (name == "organizerId") return text_key(n.organizer_id);
  if (name == "merchantId") return text_key(n.merchant_id);
  if (name == "actorId") return text_key(n.actor_id);
  if (name == "occurredAt") return time_key(n.occurred_at);
  if (name == "createdAt") return time_key(n.created_at);
  if (name == "modifiedAt") return time_key(n.modified_at);
  if (name == "readAt") return time_key(sample.row.read_at);
  return time_key(sample.row.archived_at);
}

MaybeKey operand(const std::string& name, const json::Value& value, bool as_number) {
  if (value.is_null()) return std::nullopt;
  switch (kind_of(name)) {
    case Kind::integer:
      return Key{std::strtod(value.text().c_str(), nullptr)};
    case Kind::time:
      if (value.is_number()) return Key{std::strtod(value.text().c_str(), nullptr)};
      return Key{static_cast<double>(parse_iso8601(value.text())->value)};
    case Kind::document:
      return Key{document_text(value)};
    default:
      break;
  }
  const std::string text = value.kind() == json::Kind::boolean ? (value.as_bool() ? "true" : "false")
                           : value.is_object()                 ? "{}"
                                                               : value.text();
  return as_number ? Key{std::strtod(text.c_str(), nullptr)} : Key{text};
}

// --- patterns ----------------------------------------------------------------------------------------------------

using Letters = std::vector<std::string>;

Letters letters(const std::string& text) {
  Letters out;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) {
      out.back() += c;
    } else {
      out.emplace_back(1, c);
    }
  }
  return out;
}

std::string small(const std::string& letter) {
  static const std::map<std::string, std::string> kSmall{{"Đ", "đ"}, {"Ơ", "ơ"}, {"É", "é"}, {"Å", "å"}};
  if (letter.size() == 1 && letter[0] >= 'A' && letter[0] <= 'Z') return {static_cast<char>(letter[0] + 32)};
  const auto found = kSmall.find(letter);
  return found == kSmall.end() ? letter : found->second;
}

bool is_like(const Letters& text, std::size_t t, const Letters& pattern, std::size_t p) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p] == "%") {
    for (std::size_t from = t; from <= text.size(); ++from) {
      if (is_like(text, from, pattern, p + 1)) return true;
    }
    return false;
  }
  if (t == text.size()) return false;
  if (pattern[p] == "_") return is_like(text, t + 1, pattern, p + 1);
  if (pattern[p] == "\\") ++p;
  return text[t] == pattern[p] && is_like(text, t + 1, pattern, p + 1);
}

Ternary like(const MaybeKey& subject, const json::Value& pattern, bool fold) {
  if (!subject || pattern.is_null()) return Ternary::unknown;
  Letters text = letters(std::get<std::string>(*subject)), wanted = letters(pattern.text());
  if (fold) {
    for (Letters* all : {&text, &wanted}) std::transform(all->begin(), all->end(), all->begin(), small);
  }
  return of(is_like(text, 0, wanted, 0));
}

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

const std::vector<Regex>& known_expressions() {
  static const std::vector<Regex> kKnown{
      {"^a", [](const std::string& t) { return t.starts_with("a"); }},
      {"a$", [](const std::string& t) { return t.ends_with("a"); }},
      {"b.+", [](const std::string& t) { return t.find('b') < t.size() - 1 && has(t, "b"); }},
      {"^$", [](const std::string& t) { return t.empty(); }},
      {"x|5", [](const std::string& t) { return has(t, "x") || has(t, "5"); }},
      {"\\d", [](const std::string& t) { return t.find_first_of("0123456789") != std::string::npos; }},
      {"^[^a-z]*$",
       [](const std::string& t) { return t.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos; }},
      {"^.$", [](const std::string& t) { return letters(t).size() == 1; }},
      {"Đ", [](const std::string& t) { return has(t, "Đ"); }},
      {"(al|ga)", [](const std::string& t) { return has(t, "al") || has(t, "ga"); }},
      {"^(a+)+$", [](const std::string& t) { return !t.empty() && t.find_first_not_of('a') == std::string::npos; }},
      {"%", [](const std::string& t) { return has(t, "%"); }},
  };
  return kKnown;
}

namespace {

Ternary matches(const MaybeKey& subject, const json::Value& expression) {
  if (!subject || expression.is_null()) return Ternary::unknown;
  for (const Regex& known : known_expressions()) {
    if (expression.text() == known.pattern) return of(known.matches(std::get<std::string>(*subject)));
  }
  std::abort();
}

// --- conditions --------------------------------------------------------------------------------------------------

Ternary both(Ternary a, Ternary b) {
  if (a == Ternary::no || b == Ternary::no) return Ternary::no;
  return a == Ternary::yes && b == Ternary::yes ? Ternary::yes : Ternary::unknown;
}
Ternary either(Ternary a, Ternary b) {
  return opposite(both(opposite(a), opposite(b)));
}

template <class Compare>
Ternary compared(const MaybeKey& a, const MaybeKey& b, Compare compare) {
  if (!a || !b) return Ternary::unknown;
  return of(compare(*a, *b));
}

Ternary in(const MaybeKey& subject, const std::vector<MaybeKey>& list) {
  Ternary any = Ternary::no;
  for (const MaybeKey& item : list) any = either(any, compared(subject, item, std::equal_to<>()));
  return any;
}

bool is_operator_object(const json::Value& value) {
  return value.is_object() && !value.members().empty() &&
         value.members().front().name.find("__") == std::string::npos && value.find("k") == nullptr &&
         value.find("j") == nullptr;
}

bool numeric(const json::Value& operators) {
  for (const json::Member& member : operators.members()) {
    if (member.name.starts_with("g") || member.name.starts_with("lt")) {
      if (member.value.is_number()) return true;
    }
    if (member.name == "between" || member.name == "notBetween") {
      if (member.value.items()[0].is_number() && member.value.items()[1].is_number()) return true;
    }
  }
  return false;
}

Ternary apply(const std::string& name, const std::string& op, const json::Value& value, const Sample& sample,
              bool as_number) {
  const MaybeKey subject = field(name, sample, as_number);
  const auto with = [&](const json::Value& other) { return operand(name, other, as_number); };
  const auto all = [&] {
    std::vector<MaybeKey> list;
    for (const json::Value& item : value.items()) list.push_back(with(item));
    return list;
  };
  if (op == "eq" || op == "is")
    return value.is_null() ? of(!subject) : compared(subject, with(value), std::equal_to<>());
  if (op == "ne" || op == "neq" || op == "isn") {
    return value.is_null() ? of(subject.has_value()) : compared(subject, with(value), std::not_equal_to<>());
  }
  if (op == "gt") return compared(subject, with(value), std::greater<>());
  if (op == "gte") return compared(subject, with(value), std::greater_equal<>());
  if (op == "lt") return compared(subject, with(value), std::less<>());
  if (op == "lte") return compared(subject, with(value), std::less_equal<>());
  if (op == "in" || op == "inq") {
    return value.is_array() ? in(subject, all()) : compared(subject, with(value), std::equal_to<>());
  }
  if (op == "nin") {
    return value.is_array() ? opposite(in(subject, all())) : compared(subject, with(value), std::not_equal_to<>());
  }
  if (op == "between" || op == "notBetween") {
    const Ternary within = both(compared(subject, with(value.items()[0]), std::greater_equal<>()),
                                compared(subject, with(value.items()[1]), std::less_equal<>()));
    return op == "between" ? within : opposite(within);
  }
  if (op == "like") return like(subject, value, false);
  if (op == "nlike") return opposite(like(subject, value, false));
  if (op == "ilike") return like(subject, value, true);
  if (op == "nilike") return opposite(like(subject, value, true));
  return matches(subject, value);
}

bool asks_nothing(const json::Value& where) {
  return std::all_of(where.members().begin(), where.members().end(), [](const json::Member& member) {
    return (member.name == "and" || member.name == "or") &&
           std::all_of(member.value.items().begin(), member.value.items().end(), asks_nothing);
  });
}

Ternary holds(const json::Value& where, const Sample& sample) {
  Ternary all = Ternary::yes;
  for (const json::Member& member : where.members()) {
    const json::Value& value = member.value;
    if (member.name == "and" || member.name == "or") {
      Ternary group = of(member.name == "and");
      bool any = false;
      for (const json::Value& part : value.items()) {
        if (asks_nothing(part)) continue;
        any = true;
        group = member.name == "and" ? both(group, holds(part, sample)) : either(group, holds(part, sample));
      }
      if (any) all = both(all, group);
    } else if (is_operator_object(value)) {
      const bool as_number = kind_of(member.name) == Kind::place && numeric(value);
      for (const json::Member& op : value.members()) {
        all = both(all, apply(member.name, op.name, op.value, sample, as_number));
      }
    } else {
      const bool as_number = kind_of(member.name) == Kind::place && value.is_number();
      all = both(all, apply(member.name, value.is_array() ? "in" : "eq", value, sample, as_number));
    }
  }
  return all;
}

bool speaks_of_archive(const json::Value& where) {
  return std::any_of(where.members().begin(), where.members().end(), [](const json::Member& member) {
    if (member.name == "and" || member.name == "or") {
      return std::any_of(member.value.items().begin(), member.value.items().end(), speaks_of_archive);
    }
    return member.name == "archivedAt";
  });
}

// --- order -------------------------------------------------------------------------------------------------------

using SortKey = std::optional<std::pair<int, Key>>;  // kind first

SortKey sort_key(const std::string& name, const Sample& sample) {
  if (kind_of(name) != Kind::place && kind_of(name) != Kind::document) {
    const MaybeKey key = field(name, sample, false);
    return key ? SortKey{{0, *key}} : std::nullopt;
  }
  auto path = split(name);
  path.erase(path.begin());
  const json::Value* at = place(document(name, sample), path);
  if (at == nullptr) return std::nullopt;
  switch (at->kind()) {
    case json::Kind::null:
      return {{1, Key{0.0}}};
    case json::Kind::string:
      return {{2, Key{at->text()}}};
    case json::Kind::number:
      return {{3, Key{std::strtod(at->text().c_str(), nullptr)}}};
    case json::Kind::boolean:
      return {{4, Key{at->as_bool() ? 1.0 : 0.0}}};
    case json::Kind::array:
      return {{at->items().empty() ? 0 : 5, Key{0.0}}};
    case json::Kind::object:
      break;
  }
  return {{6, Key{0.0}}};
}

bool before(const json::Value* order, const Sample& a, const Sample& b) {
  if (order != nullptr) {
    for (const json::Value& term : order->items()) {
      const std::string name = term.text().substr(0, term.text().find(' '));
      const bool down = term.text().ends_with(" DESC");
      const SortKey x = sort_key(name, a), y = sort_key(name, b);
      if (x == y) continue;
      if (!x || !y) return down ? !x : !y;
      return down ? *y < *x : *x < *y;
    }
  }
  return a.row.seq > b.row.seq;
}

}  // namespace

std::vector<const Sample*> evaluate(const json::Value& filter, const std::vector<Sample>& samples) {
  const json::Value* where = filter.find("where");
  const bool archived_too = where != nullptr && speaks_of_archive(*where);
  std::vector<const Sample*> found;
  for (const Sample& sample : samples) {
    if (sample.row.archived_at && !archived_too) continue;
    if (where == nullptr || holds(*where, sample) == Ternary::yes) found.push_back(&sample);
  }
  std::sort(found.begin(), found.end(),
            [order = filter.find("order")](const Sample* a, const Sample* b) { return before(order, *a, *b); });
  return found;
}

}  // namespace nx::rest
