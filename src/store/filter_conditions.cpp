#include "store/filter_conditions.hpp"

#include <fmt/core.h>

#include "store/pattern.hpp"

namespace nx::store {
namespace {

constexpr std::string_view kNull = "NULL";

std::string_view column_name(NotificationField field) {
  using enum NotificationField;
  switch (field) {
    case id:
      return "r.notification_id";
    case key:
      return "n.key";
    case seq:
      return "r.seq";
    case type:
      return "n.type";
    case title:
      return "n.title";
    case body:
      return "n.body";
    case data:
      return "n.data";
    case recipient_scope:
      return "n.recipient_scope";
    case organizer_id:
      return "n.organizer_id";
    case merchant_id:
      return "n.merchant_id";
    case actor_id:
      return "n.actor_id";
    case occurred_at:
      return "n.occurred_at";
    case created_at:
      return "n.created_at";
    case modified_at:
      return "n.modified_at";
    case read_at:
      return "";  // the dialect supplies it
    case archived_at:
      return "r.archived_at";
    case extra:
      return "n.extra";
  }
  return "";
}

std::string_view sign(Operation operation) {
  using enum Operation;
  switch (operation) {
    case equal:
      return " = ";
    case not_equal:
      return " <> ";
    case less:
      return " < ";
    case at_most:
      return " <= ";
    case greater:
      return " > ";
    case at_least:
      return " >= ";
    default:
      return "";
  }
}

}  // namespace

std::string FilterConditions::bind(SqlValue value) {
  values_.push_back(std::move(value));
  return dialect_.parameter(values_.size());
}

std::string FilterConditions::column(NotificationField field) {
  if (field == NotificationField::read_at) return std::string{dialect_.read_at()};
  const std::string_view name = column_name(field);
  if (name.starts_with("n.")) needs_notification_ = true;
  return std::string{name};
}

std::string FilterConditions::expression(const Subject& subject) {
  std::string name = column(subject.field);
  if (subject.path) {
    std::string text = dialect_.place(name, bind(PathValue{*subject.path}));
    return subject.as_number ? dialect_.number(text) : dialect_.text(text);
  }
  if (subject.field == NotificationField::data || subject.field == NotificationField::extra) {
    return dialect_.document(name);
  }
  return kind_of_field(subject.field) == FieldKind::text ? dialect_.text(name) : name;
}

std::string FilterConditions::value(const Subject& subject, const Operand& operand) {
  if (std::holds_alternative<std::monostate>(operand)) return std::string{kNull};
  if (const auto* text = std::get_if<std::string>(&operand)) {
    return subject.as_number ? dialect_.number_value(bind(DecimalValue{*text})) : bind(*text);
  }
  if (const auto* number = std::get_if<std::int64_t>(&operand)) return bind(*number);
  if (const auto* id = std::get_if<NotificationId>(&operand)) return bind(*id);
  if (const auto* time = std::get_if<EpochMs>(&operand)) return bind(*time);
  return bind(std::get<JsonOperand>(operand));
}

std::string FilterConditions::list(const Condition& condition) {
  std::string values;
  for (const Operand& operand : condition.operands) {
    if (!values.empty()) values += ", ";
    values += value(condition.subject, operand);
  }
  return fmt::format("({})", values);
}

std::string FilterConditions::like(const Condition& condition, const std::string& text) {
  const auto* pattern = std::get_if<std::string>(&condition.operands.front());
  return pattern == nullptr ? std::string{kNull} : dialect_.like(text, bind(*pattern));
}

/// Ignores case: the letters that the pattern names are lowered in the text and in the pattern.
std::string FilterConditions::folded(const Condition& condition, std::string text) {
  const auto* pattern = std::get_if<std::string>(&condition.operands.front());
  if (pattern == nullptr) return std::string{kNull};
  FoldedPattern folded = fold_like(*pattern);
  if (!folded.from.empty()) {
    const std::string from = bind(std::move(folded.from));
    text = dialect_.text(fmt::format("translate({}, {}, {})", text, from, bind(std::move(folded.to))));
  }
  return dialect_.like(text, bind(std::move(folded.pattern)));
}

std::string FilterConditions::condition(const Condition& condition) {
  using enum Operation;
  if (condition.operation == always) return "true";
  if (condition.operation == never) return "false";
  const std::string subject = expression(condition.subject);
  const auto operand = [&](std::size_t i) { return value(condition.subject, condition.operands[i]); };
  switch (condition.operation) {
    case is_null:
      return subject + " IS NULL";
    case not_null:
      return subject + " IS NOT NULL";
    case in:
      return fmt::format("{} IN {}", subject, list(condition));
    case not_in:
      return fmt::format("{} NOT IN {}", subject, list(condition));
    case between: {
      const std::string from = operand(0);
      return fmt::format("{} BETWEEN {} AND {}", subject, from, operand(1));
    }
    case not_between: {
      const std::string from = operand(0);
      return fmt::format("{} NOT BETWEEN {} AND {}", subject, from, operand(1));
    }
    case like:
      return this->like(condition, subject);
    case not_like:
      return "NOT " + this->like(condition, subject);
    case ilike:
      return folded(condition, subject);
    case not_ilike:
      return "NOT " + folded(condition, subject);
    case matches: {
      const auto* pattern = std::get_if<std::string>(&condition.operands.front());
      return pattern == nullptr ? std::string{kNull} : dialect_.matches(subject, bind(*pattern));
    }
    default:
      return subject + std::string{sign(condition.operation)} + operand(0);
  }
}

std::string FilterConditions::where(const Where& where) {
  if (where.kind == Where::Kind::condition) return fmt::format("({})", condition(where.condition));
  std::string all;
  for (const Where& part : where.parts) {
    if (!all.empty()) all += where.kind == Where::Kind::all ? " AND " : " OR ";
    all += this->where(part);
  }
  return all.empty() ? "(true)" : fmt::format("({})", all);
}

std::vector<std::string> FilterConditions::order(const Subject& subject) {
  const bool document = subject.field == NotificationField::data || subject.field == NotificationField::extra;
  if (!document) return {expression(subject)};
  const std::string name = column(subject.field);
  return dialect_.place_order(name, bind(PathValue{subject.path.value_or(std::vector<std::string>())}));
}

}  // namespace nx::store
