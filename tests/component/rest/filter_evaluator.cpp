#include "component/rest/filter_evaluator.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "component/rest/filter_fields.hpp"
#include "component/rest/filter_patterns.hpp"

namespace nx::rest {
namespace {

using namespace evaluation;

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
