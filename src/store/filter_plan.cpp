#include "store/filter_plan.hpp"

#include <algorithm>
#include <limits>

namespace nx::store {
namespace {

using Source = FilterPlan::Source;
using Show = PageRequest::Show;

bool is_null(const Operand& operand) {
  return std::holds_alternative<std::monostate>(operand);
}

bool speaks_of(const Where& where, NotificationField field) {
  if (where.kind == Where::Kind::condition) return where.condition.subject.field == field;
  return std::any_of(where.parts.begin(), where.parts.end(),
                     [field](const Where& part) { return speaks_of(part, field); });
}

/// Collects the parts that must all be true.
void flatten(const Where& where, std::vector<Where>& parts) {
  if (where.kind != Where::Kind::all) {
    parts.push_back(where);
    return;
  }
  for (const Where& part : where.parts) flatten(part, parts);
}

/// Whether the condition is never true for null.
bool wants_a_value(const Condition& condition) {
  using enum Operation;
  return condition.operation != always && condition.operation != never && condition.operation != is_null;
}

class Planner {
 public:
  explicit Planner(const FilterRequest& request) : request_(request) { flatten(request.where, parts_); }

  FilterPlan plan() {
    choose_source();
    for (const Where& part : parts_) {
      if (part.kind != Where::Kind::condition || !is_answered(part.condition)) plan_.rest.parts.push_back(part);
    }
    add_page_ends();
    plan_.order = order();
    const bool counted = plan_.source == Source::inbox || plan_.source == Source::unread;
    if (counted && plan_.whole() && !plan_.above && !plan_.below) plan_.kept = plan_.source;
    return std::move(plan_);
  }

 private:
  bool has(NotificationField field, Operation operation) const {
    return std::any_of(parts_.begin(), parts_.end(), [&](const Where& part) {
      return part.kind == Where::Kind::condition && part.condition.subject.field == field &&
             part.condition.operation == operation;
    });
  }

  void choose_source() {
    const bool speaks = speaks_of(request_.where, NotificationField::archived_at);
    const bool wants_archived = std::any_of(parts_.begin(), parts_.end(), [](const Where& part) {
      return part.kind == Where::Kind::condition && part.condition.subject.field == NotificationField::archived_at &&
             wants_a_value(part.condition);
    });
    if (request_.page.show == Show::unread) {
      plan_.source = Source::unread;
    } else if (request_.page.show == Show::archived || (speaks && wants_archived)) {
      plan_.source = Source::archive;
    } else if (speaks && !has(NotificationField::archived_at, Operation::is_null)) {
      plan_.source = Source::everything;
    } else {
      plan_.source = has(NotificationField::read_at, Operation::is_null) ? Source::unread : Source::inbox;
    }
  }

  /// Whether the source and its ends imply the condition. Sets the ends that the condition describes.
  bool is_answered(const Condition& condition) {
    switch (condition.subject.field) {
      case NotificationField::archived_at:
        return (condition.operation == Operation::not_null && plan_.source == Source::archive) ||
               (condition.operation == Operation::is_null &&
                (plan_.source == Source::inbox || plan_.source == Source::unread));
      case NotificationField::read_at:
        return condition.operation == Operation::is_null && plan_.source == Source::unread;
      case NotificationField::seq:
        return takes_ends(condition);
      case NotificationField::created_at:
        take_times(condition);
        return false;
      default:
        return condition.operation == Operation::always;
    }
  }

  void keep_above(std::int64_t end) { plan_.above = std::max(plan_.above.value_or(end), end); }
  void keep_below(std::int64_t end) { plan_.below = std::min(plan_.below.value_or(end), end); }

  bool takes_ends(const Condition& condition) {
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    const auto number = [&](std::size_t i) {
      return i < condition.operands.size() ? std::get_if<std::int64_t>(&condition.operands[i]) : nullptr;
    };
    const std::int64_t* first = number(0);
    if (first == nullptr || *first == kLeast || *first == kMost) return false;
    switch (condition.operation) {
      case Operation::equal:
        keep_above(*first - 1);
        keep_below(*first + 1);
        return true;
      case Operation::greater:
        keep_above(*first);
        return true;
      case Operation::at_least:
        keep_above(*first - 1);
        return true;
      case Operation::less:
        keep_below(*first);
        return true;
      case Operation::at_most:
        keep_below(*first + 1);
        return true;
      case Operation::between: {
        const std::int64_t* last = number(1);
        if (last == nullptr || *last == kMost) return false;
        keep_above(*first - 1);
        keep_below(*last + 1);
        return true;
      }
      default:
        return false;
    }
  }

  void take_times(const Condition& condition) {
    const auto time = [&](std::size_t i) {
      return i < condition.operands.size() ? std::get_if<EpochMs>(&condition.operands[i]) : nullptr;
    };
    const auto from = [this](EpochMs end) { plan_.since = std::max(plan_.since.value_or(end), end); };
    const auto to = [this](EpochMs end) { plan_.until = std::min(plan_.until.value_or(end), end); };
    const EpochMs* first = time(0);
    if (first == nullptr) return;
    switch (condition.operation) {
      case Operation::equal:
        from(*first);
        to(*first);
        return;
      case Operation::greater:
      case Operation::at_least:
        from(*first);
        return;
      case Operation::less:
      case Operation::at_most:
        to(*first);
        return;
      case Operation::between:
        if (time(1) == nullptr) return;
        from(*first);
        to(*time(1));
        return;
      default:
        return;
    }
  }

  void add_page_ends() {
    if (request_.page.since_seq) {
      keep_above(*request_.page.since_seq);
    } else if (request_.page.before_seq) {
      keep_below(*request_.page.before_seq);
    }
  }

  FilterPlan::Order order() const {
    if (request_.order.empty()) {
      return request_.page.since_seq ? FilterPlan::Order::oldest_first : FilterPlan::Order::newest_first;
    }
    // The seq is unique within a user's rows, so terms after it have no effect.
    const OrderTerm& first = request_.order.front();
    if (first.subject.field == NotificationField::created_at) {
      return first.descending ? FilterPlan::Order::latest_first : FilterPlan::Order::earliest_first;
    }
    if (first.subject.field != NotificationField::seq) return FilterPlan::Order::sorted;
    return first.descending ? FilterPlan::Order::newest_first : FilterPlan::Order::oldest_first;
  }

  const FilterRequest& request_;
  std::vector<Where> parts_;
  FilterPlan plan_;
};

/// Replaces the source. Conditions that the old source implied become conditions on each row.
void ask_instead(FilterPlan& plan, Source source) {
  const auto ask = [&plan](NotificationField field, Operation operation) {
    plan.rest.parts.push_back(where_of({.operation = operation, .subject = {.field = field}}));
  };
  if (plan.source == Source::archive) ask(NotificationField::archived_at, Operation::not_null);
  if (plan.source == Source::inbox || plan.source == Source::unread) {
    ask(NotificationField::archived_at, Operation::is_null);
  }
  if (plan.source == Source::unread) ask(NotificationField::read_at, Operation::is_null);
  plan.source = source;
}

/// Removes the first condition that names ids from the rest: its rows are looked up by id, and the other conditions
/// apply to them.
void look_up_ids(FilterPlan& plan) {
  const auto names_ids = [](const Where& part) {
    return part.kind == Where::Kind::condition && part.condition.subject.field == NotificationField::id &&
           (part.condition.operation == Operation::equal || part.condition.operation == Operation::in) &&
           std::none_of(part.condition.operands.begin(), part.condition.operands.end(), is_null);
  };
  const auto found = std::find_if(plan.rest.parts.begin(), plan.rest.parts.end(), names_ids);
  if (found == plan.rest.parts.end()) return;
  for (const Operand& operand : found->condition.operands) plan.ids.push_back(std::get<NotificationId>(operand));
  plan.rest.parts.erase(found);
  ask_instead(plan, Source::by_id);
  if (plan.by_time()) plan.order = FilterPlan::Order::sorted;
}

}  // namespace

FilterPlan plan_of(const FilterRequest& request) {
  FilterPlan plan = Planner(request).plan();
  look_up_ids(plan);
  if (plan.by_time()) ask_instead(plan, Source::by_time);
  return plan;
}

bool is_costly(const FilterRequest& request) {
  const FilterPlan plan = plan_of(request);
  if (plan.source == Source::by_id) return false;
  if (plan.by_time()) return !plan.kept;
  return !plan.whole() || plan.order == FilterPlan::Order::sorted;
}

}  // namespace nx::store
