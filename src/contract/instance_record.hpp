#pragma once
// The description of one instance for operators: an answer between instances, and an item of
// `GET /v1/operators/instances`. Parsing and printing only; text that contract/ did not produce is refused.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "json/document.hpp"
#include "model/time.hpp"

namespace nx::contract {

inline constexpr std::size_t kMaxBroadcastsTold = 20;
inline constexpr std::size_t kMaxMetricsTold = 64;

enum class DependencyState : std::uint8_t { ok, away, none };  // none: not configured

/// A broadcast that is not done yet.
struct BroadcastRecord {
  std::string id;  // of the notification: a UUID
  std::int64_t age_ms = 0;
  std::int64_t recipients_done = 0;
  friend bool operator==(const BroadcastRecord&, const BroadcastRecord&) = default;
};

/// The value of a metric without labels; never negative.
struct MetricValue {
  std::string name;  // as in docs/metrics.md
  double value = 0;
  friend bool operator==(const MetricValue&, const MetricValue&) = default;
};

struct InstanceRecord {
  std::string address;  // on which it listens
  std::string version;
  EpochMs started_at{};
  EpochMs at{};  // when the values below were read
  bool ready = false;
  DependencyState database = DependencyState::away, kafka = DependencyState::away, redis = DependencyState::none;
  std::int64_t broadcasts_open = 0;           // of all instances, as this one last saw them
  std::vector<BroadcastRecord> broadcasts{};  // the oldest of them
  std::vector<MetricValue> metrics{};
  friend bool operator==(const InstanceRecord&, const InstanceRecord&) = default;
};

/// Appends `"address":…,…,"metrics":{…}` without braces, because REST puts the instance's id before it.
void append_instance_members(std::string& out, const InstanceRecord& record);

std::optional<InstanceRecord> read_instance(json::View item);

}  // namespace nx::contract
