#include "app/metrics.hpp"

#include "model/uuid.hpp"
#include "observe/exposition.hpp"

namespace nx::app {
namespace {

constexpr const char* kReplaced = "Lone surrogates in texts that became U+FFFD.";

using observe::Exposition;

void add_clients(Exposition& out, const gateway::Gateway::Stats& stats) {
  out.gauge("signal_connections", "Clients that have completed the handshake.", static_cast<double>(stats.connections));
  out.counter("signal_connections_accepted_total", "TCP connections accepted.", stats.accepted);
  out.counter("signal_handshakes_total", "Handshakes completed.", stats.handshakes);
  for (const auto& closed : stats.closed) {
    const std::string code = closed.code == 0 ? "other" : std::to_string(closed.code);
    out.counter("signal_closes_total",
                "WebSocket connections ended, by close code and by the side that sent it; 1006: the connection broke.",
                {{"code", code}, {"by", closed.by == gateway::ClosedBy::server ? "server" : "client"}}, closed.count);
  }
  for (std::size_t i = 0; i < stats.refused.size(); ++i) {
    const int status = gateway::kCountedRefusals[i];
    out.counter("signal_http_refused_total",
                "Requests and upgrades that the gateway answered with an error, by status.",
                {{"status", status == 0 ? "other" : std::to_string(status)}}, stats.refused[i]);
  }
  for (std::size_t i = 0; i < stats.dropped.size(); ++i) {
    out.counter("signal_http_dropped_total", "HTTP connections ended without an answer, by reason.",
                {{"reason", gateway::kDroppedNames[i]}}, stats.dropped[i]);
  }
  out.counter("signal_rooms_left_out_total", "Rooms of joins left out because the database did not answer.",
              stats.rooms_left_out);
  out.counter("signal_rooms_closed_total", "Rooms closed because membership could not be checked for too long.",
              stats.rooms_closed);
  out.counter("signal_room_checks_failed_total",
              "Clients whose membership could not be checked because the database did not answer.",
              stats.room_checks_failed);
  out.counter("signal_catch_ups_unanswered_total", "Catch-ups cut short because the database did not answer.",
              stats.catch_ups_unanswered);
  out.counter("signal_frames_out_total", "Frames given to clients.", stats.frames_out);
  out.counter("signal_bytes_out_total", "Bytes taken by the kernel for clients.", stats.bytes_out);
  out.counter("signal_ignored_messages_total", "Client messages that were ignored.", stats.ignored_messages);
  out.counter("signal_acks_total", "Acknowledgement messages from clients.", stats.acks);
  out.counter("signal_acks_dropped_total",
              "Acknowledgements that were dropped: the queue was full, or they could not be stored.",
              stats.acks_dropped);
  for (std::size_t kind = 0; kind < gateway::kHeldKinds; ++kind) {
    out.gauge("signal_queued_bytes",
              "Bytes held for and from peers, by kind; SIGNAL_WS_QUEUED_BYTES_TOTAL bounds the sum.",
              {{"kind", gateway::kHeldKindNames[kind]}}, static_cast<double>(stats.held_bytes[kind]));
  }
  out.counter("signal_turns_cut_total", "Turns of the shards' loops that left work for the next turn.",
              stats.turns_cut);
  out.histogram("signal_loop_lag_seconds", "Delay of the shards' ticks.", stats.loop_lag);
  out.histogram("signal_record_to_frame_seconds",
                "Time from the Kafka record's timestamp to the sealed frame of a hint.", stats.record_to_frame);
}

void add_admission(Exposition& out, const gateway::Admission::Stats& stats, const gateway::Admission::Limits& limits) {
  const char* sockets = "Open sockets of all listeners, by kind.";
  out.gauge("signal_sockets", sockets, {{"kind", "http"}}, static_cast<double>(stats.requests - stats.guests));
  out.gauge("signal_sockets", sockets, {{"kind", "over_limit"}}, static_cast<double>(stats.guests));
  out.gauge("signal_sockets", sockets, {{"kind", "websocket"}}, static_cast<double>(stats.streams));
  out.gauge("signal_handshakes_under_way", "WebSockets that are not authenticated yet.",
            static_cast<double>(stats.handshakes));
  out.gauge("signal_sockets_limit", "Maximum number of open sockets, by setting and descriptor limit; 0: no limit.",
            static_cast<double>(limits.connections));
  const char* refused = "Requests and upgrades refused with 503, by the limit that was reached.";
  out.counter("signal_refused_total", refused, {{"limit", "connections"}}, stats.full);
  out.counter("signal_refused_total", refused, {{"limit", "connections_per_address"}}, stats.address_full);
  out.counter("signal_refused_total", refused, {{"limit", "handshakes"}}, stats.too_many_handshakes);
  out.counter("signal_refused_total", refused, {{"limit", "handshakes_per_address"}}, stats.address_handshakes);
  const char* made_room = "Sockets without useful traffic that were closed to make room for another, by the limit.";
  out.counter("signal_made_room_total", made_room, {{"limit", "connections"}}, stats.for_connection);
  out.counter("signal_made_room_total", made_room, {{"limit", "http"}}, stats.for_request);
  out.counter("signal_made_room_total", made_room, {{"limit", "handshakes"}}, stats.for_handshake);
  out.counter("signal_made_room_total", made_room, {{"limit", "over_limit"}}, stats.for_guest);
}

void add_ingest(Exposition& out, const ingest::KafkaConsumer& consumer) {
  const auto stats = consumer.stats();
  out.gauge("signal_kafka_connected", "1 while a broker answers.", consumer.connected() ? 1 : 0);
  out.gauge("signal_ingest_holding", "1 while a batch waits for the database or the DLQ.", consumer.holding() ? 1 : 0);
  out.gauge("signal_ingest_held_partitions", "Partitions whose batch waits for the database or the DLQ.",
            static_cast<double>(stats.held_partitions));
  out.gauge("signal_ingest_waiting_messages", "Messages set aside because another transaction has locked an inbox.",
            static_cast<double>(stats.waiting_messages));
  out.counter("signal_ingest_lock_waits_total", "Times that a message was set aside because of a locked inbox.",
              stats.lock_waits);
  out.gauge("signal_kafka_assigned_partitions", "Partitions assigned to this instance.",
            static_cast<double>(stats.assigned_partitions));
  out.gauge("signal_kafka_lag_messages", "Messages of the assigned partitions that are not handled yet.",
            static_cast<double>(stats.lag_messages));
  out.gauge("signal_oldest_unstored_record_age_seconds", "Age of the oldest record in hand; 0 without such a record.",
            std::chrono::duration<double>(stats.oldest_unstored).count());
  out.histogram("signal_record_to_commit_seconds", "Time from the Kafka record's timestamp to the commit of its rows.",
                stats.record_to_commit);
  out.counter("signal_records_total", "Kafka records read.", stats.records);
  out.counter("signal_expired_records_total", "Records older than the retention: committed, not stored.",
              stats.expired);
  out.counter("signal_odd_timestamps_total", "Records whose timestamp is not in milliseconds; it was converted.",
              stats.odd_timestamps);
  out.counter("signal_empty_records_total", "Records without a value: ignored.", stats.empty);
  out.counter("signal_batches_total", "Batches done.", stats.batches);
  out.counter("signal_batch_retries_total", "Batches held back and tried again.", stats.retries);
  out.counter("signal_poison_total", "Messages that can never be handled.", stats.poison);
  const char* letters = "Messages for the DLQ topic, by outcome.";
  out.counter("signal_dead_letters_total", letters, {{"outcome", "sent"}}, stats.dlq);
  out.counter("signal_dead_letters_total", letters, {{"outcome", "lost"}}, stats.dlq_lost);
  out.counter("signal_extra_dropped_total", "Messages whose unknown fields were too large to keep.",
              stats.extra_dropped);
  out.counter("signal_replaced_surrogates_total", kReplaced, {{"source", "kafka"}}, stats.replaced_surrogates);
}

void add_notifications(Exposition& out, const delivery::NotifyStats& stats, const delivery::BroadcastStats& slices,
                       std::uint64_t dropped) {
  const char* notifications = "Messages handled, by outcome.";
  out.counter("signal_notifications_total", notifications, {{"outcome", "stored"}}, stats.stored.value());
  out.counter("signal_notifications_total", notifications, {{"outcome", "redelivered"}}, stats.redelivered.value());
  out.counter("signal_notifications_total", notifications, {{"outcome", "known_key"}}, stats.known_keys.value());
  out.counter("signal_recipient_rows_total", "Recipient rows stored.",
              stats.recipient_rows.value() + slices.recipients.value());
  out.counter("signal_members_left_out_total",
              "Members in policy rows that were left out because their ids are invalid.",
              stats.members_left_out.value() + slices.left_out.value());
  const char* hints = "Hints, one for each recipient, by outcome.";
  out.counter("signal_hints_total", hints, {{"outcome", "local"}},
              stats.hints_local.value() + slices.hints_local.value());
  out.counter("signal_hints_total", hints, {{"outcome", "bus"}}, stats.hints_bus.value() + slices.hints_bus.value());
  out.counter("signal_hints_total", hints, {{"outcome", "no_client"}},
              stats.hints_no_client.value() + slices.hints_no_client.value());
  out.counter("signal_hints_total", hints, {{"outcome", "too_old"}},
              stats.hints_too_old.value() + slices.hints_too_old.value());
  out.counter("signal_pushes_dropped_total", "Pushes dropped because a shard's mailbox was full.", dropped);
}

void add_broadcasts(Exposition& out, const delivery::BroadcastStats& stats, const store::OpenBroadcasts& open) {
  out.counter("signal_broadcast_recipients_total", "Recipient rows stored by slices of broadcasts.",
              stats.recipients.value());
  out.counter("signal_broadcast_slices_total", "Slices of broadcasts stored by this instance.", stats.slices.value());
  out.counter("signal_broadcast_slice_waits_total",
              "Slices that failed because of a lock or a slow database; they are tried again.", stats.waits.value());
  out.counter("signal_broadcasts_done_total", "Broadcasts whose last slice was stored by this instance.",
              stats.finished.value());
  out.counter("signal_broadcasts_taken_over_total",
              "Broadcasts continued by this instance after another one stopped within a slice.",
              stats.taken_over.value());
  out.counter("signal_broadcast_failures_total", "Turns of broadcasts that ended with an error.",
              stats.failures.value());
  out.gauge("signal_broadcasts_open", "Broadcasts that are not done yet, of all instances.",
            static_cast<double>(open.count));
  const auto seconds = [](std::chrono::milliseconds age) { return std::chrono::duration<double>(age).count(); };
  out.gauge("signal_broadcast_oldest_age_seconds", "Age of the oldest broadcast that is not done; 0 without one.",
            open.oldest.empty() ? 0 : seconds(open.oldest.front().age));
  for (const auto& one : open.oldest) {
    out.gauge("signal_broadcast_recipients_done",
              "Recipients that have the notification, for the 20 oldest broadcasts that are not done.",
              {{"notification", uuid_text(one.id.bytes)}}, static_cast<double>(one.recipients_done));
  }
}

void add_bus(Exposition& out, const bus::Bus& bus) {
  const auto stats = bus.stats();
  out.gauge("signal_bus_connected", "1 while the subscription is confirmed and probes through each master come back.",
            bus.connected() ? 1 : 0);
  out.counter("signal_bus_losses_total", "Times that the connection to the bus was lost.", stats.losses);
  out.gauge("signal_instances", "Instances heard of in the last 15 s, this one included.",
            static_cast<double>(stats.instances));
  out.counter("signal_bus_received_total", "Messages received, without probes and announcements.", stats.received);
  out.counter("signal_bus_received_bytes_total", "Bytes of the messages received from the bus.", stats.received_bytes);
  out.counter("signal_bus_published_total", "Messages that Redis has accepted, without probes and announcements.",
              stats.published);
  const char* dropped = "Messages for other instances that were not sent, by cause.";
  out.counter("signal_bus_dropped_total", dropped, {{"cause", "messages"}}, stats.dropped.messages);
  out.counter("signal_bus_dropped_total", dropped, {{"cause", "bytes"}}, stats.dropped.bytes);
  out.counter("signal_bus_dropped_total", dropped, {{"cause", "age"}}, stats.dropped.age);
  out.counter("signal_bus_dropped_total", dropped, {{"cause", "refused"}}, stats.refused);
}

void add_relay(Exposition& out, const delivery::RelayStats& stats) {
  const char* messages = "Messages from the bus, by outcome.";
  out.counter("signal_bus_messages_total", messages, {{"outcome", "relayed"}}, stats.relayed.value());
  out.counter("signal_bus_messages_total", messages, {{"outcome", "nobody"}}, stats.nobody.value());
  out.counter("signal_bus_messages_total", messages, {{"outcome", "own"}}, stats.own.value());
  out.counter("signal_bus_messages_total", messages, {{"outcome", "malformed"}}, stats.malformed.value());
  out.counter("signal_bus_messages_total", messages, {{"outcome", "too_large"}}, stats.too_large.value());
  out.counter("signal_replaced_surrogates_total", kReplaced, {{"source", "bus"}}, stats.replaced.value());
}

void add_operators(Exposition& out, const operators::Operators::Stats& stats) {
  const char* questions =
      "Questions of operators, by outcome: asked by this instance, refused because there were too many, answered for "
      "another instance.";
  out.counter("signal_operator_questions_total", questions, {{"outcome", "asked"}}, stats.asked);
  out.counter("signal_operator_questions_total", questions, {{"outcome", "refused"}}, stats.refused);
  out.counter("signal_operator_questions_total", questions, {{"outcome", "answered"}}, stats.answered);
  out.counter("signal_operator_answers_missing_total", "Answers of other instances that did not arrive in time.",
              stats.missing);
  const char* dropped = "Operators' messages from the bus that were not handled, by cause.";
  out.counter("signal_operator_messages_dropped_total", dropped, {{"cause", "malformed"}}, stats.malformed);
  out.counter("signal_operator_messages_dropped_total", dropped, {{"cause", "too_many"}}, stats.dropped);
}

}  // namespace

std::string metrics_text(const MetricSources& sources) {
  Exposition out;
  out.gauge("signal_build_info", "1; the version is the label.", {{"version", NX_SIGNAL_VERSION}}, 1);
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
  out.counter("signal_key_set_fetches_total", "Fetches of the identity service's key set.", keys.fetches);
  out.counter("signal_key_set_fetch_failures_total", "Fetches of the key set that failed.", keys.failed_fetches);
  out.gauge("signal_key_set_keys", "Keys in the current key set.", static_cast<double>(keys.keys));
  out.gauge("signal_key_set_unusable_keys", "Keys of the current key set that can not be used; the log names them.",
            static_cast<double>(keys.unusable_keys));
  for (const auto& refused : keys.refused) {
    out.counter("signal_tokens_refused_total", "Bearer tokens refused, by reason.",
                {{"reason", auth::to_text(refused.reason)}}, refused.count);
  }
  out.counter("signal_revocation_reads_failed_total", "Times that the revocations could not be read.",
              sources.revocation_failures);
  out.gauge("signal_database_reachable", "1 while the database answers.", sources.database_reachable ? 1 : 0);
  out.counter("signal_log_lines_dropped_total",
              "Log lines dropped because they were not read in time or could not be written.", sources.log.dropped());
  if (sources.maintenance != nullptr) {
    out.counter("signal_maintenance_failures_total", "Runs of the store's maintenance that failed.",
                sources.maintenance->failures());
    out.counter("signal_maintenance_busy_total",
                "Runs of the store's maintenance that found a table in use and began a back-off of minutes.",
                sources.maintenance->busy());
    out.gauge("signal_default_partition_rows",
              "Rows in the default partition, because their month had no partition; must be 0.",
              static_cast<double>(sources.maintenance->rows_in_default()));
  }
  return out.text();
}

}  // namespace nx::app
