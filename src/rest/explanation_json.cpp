#include "rest/explanation_json.hpp"

#include "model/uuid.hpp"

namespace nx::rest {
namespace {

using json::Value;

Value text(const std::optional<std::string>& value) {
  return value ? Value::string(*value) : Value();
}

Value time(const std::optional<EpochMs>& value) {
  return value ? Value::string(iso8601(*value)) : Value();
}

Value array_of(std::vector<Value> items) {
  return Value::array(std::move(items));
}

Value texts(const std::vector<std::string>& values) {
  std::vector<Value> items;
  for (const std::string& value : values) items.push_back(Value::string(value));
  return array_of(std::move(items));
}

/// The notification without its content, which only its recipients may see.
Value notification(const store::StoredNotification& stored) {
  const Notification& it = stored.notification;
  std::vector<Value> excluded;
  for (const UserId& user : stored.excluded) excluded.push_back(Value::string(user.value));
  return Value::object({{"id", Value::string(uuid_text(it.id.bytes))},
                        {"key", text(it.key)},
                        {"type", Value::string(it.type)},
                        {"recipientScope", Value::string(to_text(it.scope))},
                        {"organizerId", text(it.organizer_id)},
                        {"merchantId", text(it.merchant_id)},
                        {"createdAt", time(it.created_at)},
                        {"excluded", array_of(std::move(excluded))},
                        {"record", text(stored.source)},
                        {"recordTime", time(record_time(stored))}});
}

Value policy_row(const store::PolicyEdge& row) {
  return Value::object({{"variant", Value::string(row.variant)},
                        {"subjectType", Value::string(row.subject.type)},
                        {"subjectId", Value::string(row.subject.id)},
                        {"targetType", Value::string(row.target.type)},
                        {"targetId", Value::string(row.target.id)},
                        {"deletedAt", time(row.deleted_at)}});
}

Value membership(const std::optional<resolve::PolicyTrace>& policy) {
  using Outcome = resolve::PolicyTrace::Outcome;
  if (!policy) return {};
  std::vector<Value> rows;
  for (const store::PolicyEdge& row : policy->rows) rows.push_back(policy_row(row));
  return Value::object({{"member", Value::boolean(policy->outcome == Outcome::member)},
                        {"inherited", Value::boolean(policy->inherited)},
                        {"endedAt", time(policy->ended_at)},
                        {"why", Value::string(policy->why)},
                        {"rows", array_of(std::move(rows))}});
}

Value connections(const operators::Gathered& seen) {
  std::vector<Value> items;
  for (const operators::LocatedClient& located : seen.clients) {
    items.push_back(Value::object({{"instance", Value::string(located.instance)},
                                   {"id", Value::string(located.client.id.value)},
                                   {"address", Value::string(located.client.address)},
                                   {"connectedAt", time(located.client.connected_at)},
                                   {"lastActivityAt", time(located.client.last_activity_at)},
                                   {"queuedBytes", Value::number(located.client.queued_bytes)}}));
  }
  return array_of(std::move(items));
}

Value pushes(const operators::Gathered& seen) {
  std::vector<Value> items;
  for (const operators::LocatedPush& located : seen.pushes) {
    items.push_back(Value::object({{"instance", Value::string(located.instance)},
                                   {"outcome", Value::string(std::string(contract::to_text(located.push.outcome)))},
                                   {"at", time(located.push.at)}}));
  }
  return array_of(std::move(items));
}

Value records_since(const operators::Gathered& seen) {
  std::vector<Value> items;
  for (const auto& [instance, since] : seen.records_since) {
    items.push_back(Value::object({{"instance", Value::string(instance)}, {"since", time(since)}}));
  }
  return array_of(std::move(items));
}

}  // namespace

Value delivery_json(const store::DeliveryRecord& record) {
  return Value::object({{"userId", Value::string(record.user.value)},
                        {"seq", Value::number(record.seq)},
                        {"deliveredAt", time(record.delivered_at)},
                        {"readAt", time(record.read_at)},
                        {"archivedAt", time(record.archived_at)}});
}

std::string explanation_json(const Facts& facts) {
  const Verdict verdict = verdict_on(facts);
  return json::write(Value::object({{"code", Value::string(verdict.code)},
                                    {"verdict", Value::string(verdict.sentence)},
                                    {"userId", Value::string(facts.user.value)},
                                    {"notification", notification(facts.stored)},
                                    {"excluded", Value::boolean(is_excluded(facts))},
                                    {"membership", membership(facts.policy)},
                                    {"stored", facts.record ? delivery_json(*facts.record) : Value()},
                                    {"tooOld", Value::boolean(was_too_old(facts))},
                                    {"connections", connections(facts.seen)},
                                    {"pushes", pushes(facts.seen)},
                                    {"recordsSince", records_since(facts.seen)},
                                    {"missing", texts(facts.seen.missing)}}));
}

std::string summary_json(const store::StoredNotification& stored, const DeliverySummary& summary) {
  return json::write(Value::object({{"notification", notification(stored)},
                                    {"recipients", Value::number(summary.recipients)},
                                    {"delivered", Value::number(summary.delivered)},
                                    {"read", Value::number(summary.read)},
                                    {"archived", Value::number(summary.archived)},
                                    {"complete", Value::boolean(summary.complete)}}));
}

}  // namespace nx::rest
