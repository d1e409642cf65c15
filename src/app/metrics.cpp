#include "app/metrics.hpp"

#include "app/metric_table.hpp"
#include "model/uuid.hpp"
#include "observe/exposition.hpp"

namespace nx::app {
namespace {

using observe::Exposition;

void add_clients(Exposition& out, const gateway::Gateway::Stats& stats) {
  out.gauge(family("signal_connections"), static_cast<double>(stats.connections));
  out.counter(family("signal_connections_accepted_total"), stats.accepted);
  out.counter(family("signal_handshakes_total"), stats.handshakes);
  for (const auto& closed : stats.closed) {
    const std::string code = closed.code == 0 ? "other" : std::to_string(closed.code);
    out.counter(family("signal_closes_total"),
                {{"code", code}, {"by", closed.by == gateway::ClosedBy::server ? "server" : "client"}}, closed.count);
  }
  for (std::size_t i = 0; i < stats.refused.size(); ++i) {
    const int status = gateway::kCountedRefusals[i];
    out.counter(family("signal_http_refused_total"), {{"status", status == 0 ? "other" : std::to_string(status)}},
                stats.refused[i]);
  }
  for (std::size_t i = 0; i < stats.dropped.size(); ++i) {
    out.counter(family("signal_http_dropped_total"), {{"reason", gateway::kDroppedNames[i]}}, stats.dropped[i]);
  }
  out.counter(family("signal_rooms_left_out_total"), stats.rooms_left_out);
  out.counter(family("signal_rooms_closed_total"), stats.rooms_closed);
  out.counter(family("signal_late_hints_total"), stats.late_hints);
  out.counter(family("signal_room_checks_failed_total"), stats.room_checks_failed);
  out.counter(family("signal_catch_ups_unanswered_total"), stats.catch_ups_unanswered);
  out.counter(family("signal_frames_out_total"), stats.frames_out);
  out.counter(family("signal_bytes_out_total"), stats.bytes_out);
  out.counter(family("signal_ignored_messages_total"), stats.ignored_messages);
  out.counter(family("signal_acks_total"), stats.acks);
  out.counter(family("signal_acks_dropped_total"), stats.acks_dropped);
  for (std::size_t kind = 0; kind < gateway::kHeldKinds; ++kind) {
    out.gauge(family("signal_queued_bytes"), {{"kind", gateway::kHeldKindNames[kind]}},
              static_cast<double>(stats.held_bytes[kind]));
  }
  out.gauge(family("signal_queued_limit_bytes"), static_cast<double>(stats.queued_limit_bytes));
  out.counter(family("signal_turns_cut_total"), stats.turns_cut);
  out.histogram(family("signal_loop_lag_seconds"), stats.loop_lag);
  out.histogram(family("signal_record_to_frame_seconds"), stats.record_to_frame);
}

void add_admission(Exposition& out, const gateway::Admission::Stats& stats, const gateway::Admission::Limits& limits) {
  out.gauge(family("signal_sockets"), {{"kind", "http"}}, static_cast<double>(stats.requests - stats.guests));
  out.gauge(family("signal_sockets"), {{"kind", "over_limit"}}, static_cast<double>(stats.guests));
  out.gauge(family("signal_sockets"), {{"kind", "websocket"}}, static_cast<double>(stats.streams));
  out.gauge(family("signal_handshakes_under_way"), static_cast<double>(stats.handshakes));
  out.gauge(family("signal_sockets_limit"), static_cast<double>(limits.connections));
  out.counter(family("signal_refused_total"), {{"limit", "connections"}}, stats.full);
  out.counter(family("signal_refused_total"), {{"limit", "connections_per_address"}}, stats.address_full);
  out.counter(family("signal_refused_total"), {{"limit", "handshakes"}}, stats.too_many_handshakes);
  out.counter(family("signal_refused_total"), {{"limit", "handshakes_per_address"}}, stats.address_handshakes);
  out.counter(family("signal_made_room_total"), {{"limit", "connections"}}, stats.for_connection);
  out.counter(family("signal_made_room_total"), {{"limit", "http"}}, stats.for_request);
  out.counter(family("signal_made_room_total"), {{"limit", "handshakes"}}, stats.for_handshake);
  out.counter(family("signal_made_room_total"), {{"limit", "over_limit"}}, stats.for_guest);
}

void add_ingest(Exposition& out, const ingest::KafkaConsumer& consumer) {
  const auto stats = consumer.stats();
  out.gauge(family("signal_kafka_connected"), consumer.connected() ? 1 : 0);
  out.gauge(family("signal_ingest_holding"), consumer.holding() ? 1 : 0);
  out.gauge(family("signal_ingest_held_partitions"), static_cast<double>(stats.held_partitions));
  out.gauge(family("signal_ingest_waiting_messages"), static_cast<double>(stats.waiting_messages));
  out.counter(family("signal_ingest_lock_waits_total"), stats.lock_waits);
  out.gauge(family("signal_kafka_assigned_partitions"), static_cast<double>(stats.assigned_partitions));
  out.gauge(family("signal_kafka_lag_messages"), static_cast<double>(stats.lag_messages));
  out.gauge(family("signal_oldest_unstored_record_age_seconds"),
            std::chrono::duration<double>(stats.oldest_unstored).count());
  out.histogram(family("signal_record_to_commit_seconds"), stats.record_to_commit, stats.commit_exemplars);
  out.counter(family("signal_records_total"), stats.records);
  out.counter(family("signal_expired_records_total"), stats.expired);
  out.counter(family("signal_odd_timestamps_total"), stats.odd_timestamps);
  out.counter(family("signal_empty_records_total"), stats.empty);
  out.counter(family("signal_batches_total"), stats.batches);
  out.counter(family("signal_batch_retries_total"), stats.retries);
  out.counter(family("signal_poison_total"), stats.poison);
  out.counter(family("signal_dead_letters_total"), {{"outcome", "sent"}}, stats.dlq);
  out.counter(family("signal_dead_letters_total"), {{"outcome", "lost"}}, stats.dlq_lost);
  out.counter(family("signal_extra_dropped_total"), stats.extra_dropped);
  out.counter(family("signal_replaced_surrogates_total"), {{"source", "kafka"}}, stats.replaced_surrogates);
}

void add_notifications(Exposition& out, const delivery::NotifyStats& stats, const delivery::BroadcastStats& slices,
                       std::uint64_t dropped) {
  out.counter(family("signal_notifications_total"), {{"outcome", "stored"}}, stats.stored.value());
  out.counter(family("signal_notifications_total"), {{"outcome", "redelivered"}}, stats.redelivered.value());
  out.counter(family("signal_notifications_total"), {{"outcome", "known_key"}}, stats.known_keys.value());
  out.counter(family("signal_recipient_rows_total"), stats.recipient_rows.value() + slices.recipients.value());
  out.counter(family("signal_members_left_out_total"), stats.members_left_out.value() + slices.left_out.value());
  out.counter(family("signal_hints_total"), {{"outcome", "local"}},
              stats.hints_local.value() + slices.hints_local.value());
  out.counter(family("signal_hints_total"), {{"outcome", "bus"}}, stats.hints_bus.value() + slices.hints_bus.value());
  out.counter(family("signal_hints_total"), {{"outcome", "no_client"}},
              stats.hints_no_client.value() + slices.hints_no_client.value());
  out.counter(family("signal_hints_total"), {{"outcome", "too_old"}},
              stats.hints_too_old.value() + slices.hints_too_old.value());
  out.counter(family("signal_pushes_dropped_total"), dropped);
}

void add_broadcasts(Exposition& out, const delivery::BroadcastStats& stats, const store::OpenBroadcasts& open) {
  out.counter(family("signal_broadcast_recipients_total"), stats.recipients.value());
  out.counter(family("signal_broadcast_slices_total"), stats.slices.value());
  out.counter(family("signal_broadcast_slice_waits_total"), stats.waits.value());
  out.counter(family("signal_broadcasts_done_total"), stats.finished.value());
  out.counter(family("signal_broadcasts_taken_over_total"), stats.taken_over.value());
  out.counter(family("signal_broadcast_failures_total"), stats.failures.value());
  out.gauge(family("signal_broadcasts_open"), static_cast<double>(open.count));
  const auto seconds = [](std::chrono::milliseconds age) { return std::chrono::duration<double>(age).count(); };
  out.gauge(family("signal_broadcast_oldest_age_seconds"), open.oldest.empty() ? 0 : seconds(open.oldest.front().age));
  for (const auto& one : open.oldest) {
    out.gauge(family("signal_broadcast_recipients_done"), {{"notification", uuid_text(one.id.bytes)}},
              static_cast<double>(one.recipients_done));
  }
}

void add_bus(Exposition& out, const bus::Bus& bus) {
  const auto stats = bus.stats();
  out.gauge(family("signal_bus_connected"), bus.connected() ? 1 : 0);
  out.counter(family("signal_bus_losses_total"), stats.losses);
  out.gauge(family("signal_instances"), static_cast<double>(stats.instances));
  out.counter(family("signal_bus_received_total"), stats.received);
  out.counter(family("signal_bus_received_bytes_total"), stats.received_bytes);
  out.counter(family("signal_bus_published_total"), stats.published);
  out.counter(family("signal_bus_dropped_total"), {{"cause", "messages"}}, stats.dropped.messages);
  out.counter(family("signal_bus_dropped_total"), {{"cause", "bytes"}}, stats.dropped.bytes);
  out.counter(family("signal_bus_dropped_total"), {{"cause", "age"}}, stats.dropped.age);
  out.counter(family("signal_bus_dropped_total"), {{"cause", "refused"}}, stats.refused);
}

void add_relay(Exposition& out, const delivery::RelayStats& stats) {
  out.counter(family("signal_bus_messages_total"), {{"outcome", "relayed"}}, stats.relayed.value());
  out.counter(family("signal_bus_messages_total"), {{"outcome", "nobody"}}, stats.nobody.value());
  out.counter(family("signal_bus_messages_total"), {{"outcome", "own"}}, stats.own.value());
  out.counter(family("signal_bus_messages_total"), {{"outcome", "malformed"}}, stats.malformed.value());
  out.counter(family("signal_bus_messages_total"), {{"outcome", "too_large"}}, stats.too_large.value());
  out.counter(family("signal_replaced_surrogates_total"), {{"source", "bus"}}, stats.replaced.value());
}

void add_operators(Exposition& out, const operators::Operators::Stats& stats) {
  out.counter(family("signal_operator_questions_total"), {{"outcome", "asked"}}, stats.asked);
  out.counter(family("signal_operator_questions_total"), {{"outcome", "refused"}}, stats.refused);
  out.counter(family("signal_operator_questions_total"), {{"outcome", "answered"}}, stats.answered);
  out.counter(family("signal_operator_answers_missing_total"), stats.missing);
  out.counter(family("signal_operator_messages_dropped_total"), {{"cause", "malformed"}}, stats.malformed);
  out.counter(family("signal_operator_messages_dropped_total"), {{"cause", "too_many"}}, stats.dropped);
}

void add_tracing(Exposition& out, const trace::Tracer::Stats& stats) {
  out.counter(family("signal_trace_spans_total"), {{"outcome", "exported"}}, stats.exported);
  out.counter(family("signal_trace_spans_total"), {{"outcome", "no_room"}}, stats.no_room);
  out.counter(family("signal_trace_spans_total"), {{"outcome", "refused"}}, stats.refused);
  out.counter(family("signal_trace_requests_failed_total"), stats.requests_failed);
}

std::string metrics_text(const MetricSources& sources, observe::ExpositionFormat format) {
  Exposition out{format};
  out.gauge(family("signal_build_info"), {{"version", NX_SIGNAL_VERSION}}, 1);
  out.gauge(family("signal_ready"), sources.ready ? 1 : 0);
  const auto gateway = sources.gateway.stats();
  add_clients(out, gateway);
  add_admission(out, gateway.admission, sources.gateway.admission()->limits());
  add_ingest(out, sources.consumer);
  add_notifications(out, sources.notified, sources.broadcasts.stats(), gateway.dropped_pushes);
  add_broadcasts(out, sources.broadcasts.stats(), sources.broadcasts.open());
  if (sources.bus != nullptr) add_bus(out, *sources.bus);
  add_relay(out, sources.relay.stats());
  add_operators(out, sources.operators.stats());
  const auto keys = sources.authenticator.stats();
  out.counter(family("signal_key_set_fetches_total"), keys.fetches);
  out.counter(family("signal_key_set_fetch_failures_total"), keys.failed_fetches);
  out.gauge(family("signal_key_set_keys"), static_cast<double>(keys.keys));
  out.gauge(family("signal_key_set_unusable_keys"), static_cast<double>(keys.unusable_keys));
  for (const auto& refused : keys.refused) {
    out.counter(family("signal_tokens_refused_total"), {{"reason", auth::to_text(refused.reason)}}, refused.count);
  }
  out.counter(family("signal_revocation_reads_failed_total"), sources.revocation_failures);
  out.gauge(family("signal_database_reachable"), sources.database_reachable ? 1 : 0);
  out.counter(family("signal_log_lines_dropped_total"), sources.log.dropped());
  add_tracing(out, sources.tracer != nullptr ? sources.tracer->stats() : trace::Tracer::Stats{});
  if (sources.maintenance != nullptr) {
    if (const auto ahead = sources.maintenance->clock_ahead()) {
      out.gauge(family("signal_clock_ahead_seconds"), std::chrono::duration<double>(*ahead).count());
    }
    out.counter(family("signal_maintenance_failures_total"), sources.maintenance->failures());
    out.counter(family("signal_maintenance_busy_total"), sources.maintenance->busy());
    out.gauge(family("signal_default_partition_rows"), static_cast<double>(sources.maintenance->rows_in_default()));
  }
  return out.text();
}

}  // namespace

transport::HttpResponse metrics_response(const transport::HttpRequest& request, const MetricSources& sources) {
  const auto format = observe::format_for(request.list("accept"));
  return {.status = 200,
          .headers = {{"Content-Type", std::string(observe::content_type(format))}},
          .body = metrics_text(sources, format)};
}

}  // namespace nx::app
