#include "app/instance_description.hpp"

#include "app/metric_table.hpp"
#include "model/uuid.hpp"

namespace nx::app {
namespace {

using contract::DependencyState;
using contract::InstanceRecord;

DependencyState state_of(bool well) {
  return well ? DependencyState::ok : DependencyState::away;
}

/// The metrics of the operators' page. Those with labels are left out.
class Metrics {
 public:
  explicit Metrics(std::vector<contract::MetricValue>& out) : out_(out) {}

  template <class Number>
  void add(const observe::MetricFamily& family, Number value) {
    out_.push_back({std::string(family.name), static_cast<double>(value)});
  }

 private:
  std::vector<contract::MetricValue>& out_;
};

void add_metrics(Metrics out, const MetricSources& sources) {
  const auto clients = sources.gateway.stats();
  out.add(family("signal_connections"), clients.connections);
  out.add(family("signal_handshakes_total"), clients.handshakes);
  out.add(family("signal_frames_out_total"), clients.frames_out);
  out.add(family("signal_bytes_out_total"), clients.bytes_out);
  out.add(family("signal_pushes_dropped_total"), clients.dropped_pushes);
  const auto ingest = sources.consumer.stats();
  out.add(family("signal_kafka_assigned_partitions"), ingest.assigned_partitions);
  out.add(family("signal_kafka_lag_messages"), ingest.lag_messages);
  out.add(family("signal_ingest_held_partitions"), ingest.held_partitions);
  out.add(family("signal_ingest_waiting_messages"), ingest.waiting_messages);
  out.add(family("signal_oldest_unstored_record_age_seconds"),
          std::chrono::duration<double>(ingest.oldest_unstored).count());
  out.add(family("signal_records_total"), ingest.records);
  out.add(family("signal_poison_total"), ingest.poison);
  const auto& slices = sources.broadcasts.stats();
  out.add(family("signal_recipient_rows_total"), sources.notified.recipient_rows.value() + slices.recipients.value());
  out.add(family("signal_broadcast_recipients_total"), slices.recipients.value());
}

}  // namespace

InstanceRecord instance_description(const InstanceFacts& facts, const MetricSources& sources) {
  InstanceRecord record{.address = facts.address,
                        .version = NX_SIGNAL_VERSION,
                        .started_at = facts.started_at,
                        .at = now_wall(),
                        .ready = sources.ready,
                        .database = state_of(sources.database_reachable),
                        .kafka = state_of(sources.consumer.connected()),
                        .redis = sources.bus == nullptr ? DependencyState::none : state_of(sources.bus->connected()),
                        .broadcasts_open = 0,
                        .broadcasts = {},
                        .metrics = {}};
  const auto open = sources.broadcasts.open();
  record.broadcasts_open = open.count;
  for (const auto& one : open.oldest) {
    if (record.broadcasts.size() == contract::kMaxBroadcastsTold) break;
    record.broadcasts.push_back({uuid_text(one.id.bytes), one.age.count(), one.recipients_done});
  }
  add_metrics(Metrics(record.metrics), sources);
  return record;
}

}  // namespace nx::app
