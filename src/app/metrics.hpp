#pragma once
// The values of every metric of one instance: the response of `/metrics` (docs/operations.md#metrics).

#include "app/maintenance_runner.hpp"
#include "auth/authenticator.hpp"
#include "bus/bus.hpp"
#include "delivery/broadcast_worker.hpp"
#include "delivery/notify.hpp"
#include "delivery/relay.hpp"
#include "gateway/gateway.hpp"
#include "ingest/kafka_consumer.hpp"
#include "operators/operators.hpp"
#include "trace/tracer.hpp"
#include "transport/http_message.hpp"

namespace nx::app {

/// Borrowed; each may be read by any thread.
struct MetricSources {
  const gateway::Gateway& gateway;
  const auth::Authenticator& authenticator;
  const ingest::KafkaConsumer& consumer;
  const delivery::NotifyStats& notified;
  const delivery::BroadcastWorker& broadcasts;
  const delivery::Relay& relay;
  const operators::Operators& operators;
  const bus::Bus* bus;                   // null: no bus is configured
  const MaintenanceRunner* maintenance;  // null until the start-up is complete
  std::uint64_t revocation_failures;     // failed reads of the table
  bool database_reachable;
  bool ready;                   // `/health/ready` is 200
  const trace::Tracer* tracer;  // null: tracing is off
  const observe::Logger& log;
};

/// In the text format that the request's `Accept` asks for.
transport::HttpResponse metrics_response(const transport::HttpRequest& request, const MetricSources& sources);

}  // namespace nx::app
