#include "contract/instance_record.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "json/value.hpp"
#include "model/uuid.hpp"

namespace nx::contract {
namespace {

constexpr std::size_t kMaxAddressBytes = 300;  // a host name and a port
constexpr std::size_t kMaxVersionBytes = 64;
constexpr std::size_t kMaxMetricNameBytes = 64;
constexpr std::int64_t kLatest = 253'402'300'799'999;         // 9999-12-31
constexpr std::int64_t kMostCounted = std::int64_t{1} << 53;  // exact in JavaScript

std::string_view text_of(DependencyState state) {
  switch (state) {
    case DependencyState::ok:
      return R"("ok")";
    case DependencyState::away:
      return R"("away")";
    case DependencyState::none:
      break;
  }
  return "null";
}

std::optional<DependencyState> read_state(json::View value) {
  if (!value) return std::nullopt;
  if (value.is_null()) return DependencyState::none;
  if (value.text_is("ok")) return DependencyState::ok;
  if (value.text_is("away")) return DependencyState::away;
  return std::nullopt;
}

std::optional<std::int64_t> number_up_to(std::int64_t most, json::View value) {
  const auto number = value.as_int64();
  return number && *number >= 0 && *number <= most ? number : std::nullopt;
}

std::optional<std::string> text_up_to(std::size_t most, json::View value) {
  if (!value.is_string() || value.was_cut() || value.text_size() == 0 || value.text_size() > most) return std::nullopt;
  return value.text();
}

std::optional<double> read_value(json::View value) {
  if (!value.is_number()) return std::nullopt;
  const std::string_view lexeme = value.raw();
  double number = 0;
  const auto [stop, error] = std::from_chars(lexeme.data(), lexeme.data() + lexeme.size(), number);
  if (error != std::errc{} || stop != lexeme.data() + lexeme.size()) return std::nullopt;
  if (!std::isfinite(number) || number < 0) return std::nullopt;
  return number;
}

bool is_metric_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxMetricNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::optional<BroadcastRecord> read_broadcast(json::View item) {
  const auto id = text_up_to(36, item.find("id"));
  const auto bytes = id ? parse_uuid(*id) : std::nullopt;
  const auto age = number_up_to(kLatest, item.find("ageMs"));
  const auto done = number_up_to(kMostCounted, item.find("recipientsDone"));
  if (!bytes || !age || !done) return std::nullopt;
  return BroadcastRecord{uuid_text(*bytes), *age, *done};
}

/// False when an item is invalid, or there are too many.
bool read_lists(json::View item, InstanceRecord& record) {
  for (const json::View one : item.find("broadcasts").items()) {
    const auto broadcast = read_broadcast(one);
    if (!broadcast || record.broadcasts.size() >= kMaxBroadcastsTold) return false;
    record.broadcasts.push_back(*broadcast);
  }
  for (const auto& [name, value] : item.find("metrics").members()) {
    const std::string text = name.text();
    const auto number = read_value(value);
    if (!number || !is_metric_name(text) || record.metrics.size() >= kMaxMetricsTold) return false;
    record.metrics.push_back({text, *number});
  }
  return true;
}

}  // namespace

void append_instance_members(std::string& out, const InstanceRecord& record) {
  out += R"("address":)";
  json::append_string(out, record.address);
  out += R"(,"version":)";
  json::append_string(out, record.version);
  out += fmt::format(R"(,"startedAt":{},"at":{},"ready":{},"database":{},"kafka":{},"redis":{},"broadcastsOpen":{})",
                     record.started_at.value, record.at.value, record.ready, text_of(record.database),
                     text_of(record.kafka), text_of(record.redis), record.broadcasts_open);
  out += R"(,"broadcasts":[)";
  for (const BroadcastRecord& one : record.broadcasts) {
    if (out.back() != '[') out += ',';
    out += fmt::format(R"({{"id":"{}","ageMs":{},"recipientsDone":{}}})", one.id, one.age_ms, one.recipients_done);
  }
  out += R"(],"metrics":{)";
  for (const MetricValue& one : record.metrics) {
    if (out.back() != '{') out += ',';
    out += fmt::format(R"("{}":{})", one.name, one.value);
  }
  out += '}';
}

std::optional<InstanceRecord> read_instance(json::View item) {
  const auto address = text_up_to(kMaxAddressBytes, item.find("address"));
  const auto version = text_up_to(kMaxVersionBytes, item.find("version"));
  const auto started_at = number_up_to(kLatest, item.find("startedAt"));
  const auto at = number_up_to(kLatest, item.find("at"));
  const auto database = read_state(item.find("database"));
  const auto kafka = read_state(item.find("kafka"));
  const auto redis = read_state(item.find("redis"));
  const auto open = number_up_to(kMostCounted, item.find("broadcastsOpen"));
  if (!address || !version || !started_at || !at || !database || !kafka || !redis || !open) return std::nullopt;
  InstanceRecord record{.address = *address,
                        .version = *version,
                        .started_at = {*started_at},
                        .at = {*at},
                        .ready = item.find("ready").is_true(),
                        .database = *database,
                        .kafka = *kafka,
                        .redis = *redis,
                        .broadcasts_open = *open,
                        .broadcasts = {},
                        .metrics = {}};
  if (!read_lists(item, record)) return std::nullopt;
  return record;
}

}  // namespace nx::contract
