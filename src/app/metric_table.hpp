#pragma once
// Every metric of an instance: the rows from which the heads of `/metrics` and docs/metrics.md are made.

#include <stdexcept>
#include <string_view>

#include "observe/metric_family.hpp"

namespace nx::app {

// clang-format off
inline constexpr observe::MetricFamily kMetricFamilies[] = {
    {"signal_build_info", observe::MetricType::gauge, "1", {"version"}, "1; the version is the label."},
    {"signal_ready", observe::MetricType::gauge, "1 or 0", {}, "1 while `/health/ready` answers 200."},
    {"signal_connections", observe::MetricType::gauge, "clients", {}, "Clients that have completed the handshake."},
    {"signal_connections_accepted_total", observe::MetricType::counter, "connections", {}, "TCP connections accepted."},
    {"signal_handshakes_total", observe::MetricType::counter, "handshakes", {}, "Handshakes completed."},
    {"signal_handshakes_under_way", observe::MetricType::gauge, "connections", {}, "WebSockets that are not authenticated yet."},
    {"signal_sockets", observe::MetricType::gauge, "sockets", {"kind"}, "Open sockets of all listeners, by kind: `http`, `websocket`, `over_limit` (only health routes are answered)."},
    {"signal_sockets_limit", observe::MetricType::gauge, "sockets", {}, "Maximum number of open sockets, from the setting and the descriptor limit; 0: no limit."},
    {"signal_refused_total", observe::MetricType::counter, "requests", {"limit"}, "Requests and upgrades refused with 503, by the limit that was reached: `connections`, `connections_per_address`, `handshakes`, `handshakes_per_address`."},
    {"signal_made_room_total", observe::MetricType::counter, "sockets", {"limit"}, "Sockets without useful traffic that were closed to make room for another, by the limit that was reached: `connections`, `http`, `handshakes`, `over_limit`."},
    {"signal_http_refused_total", observe::MetricType::counter, "requests", {"status"}, "Requests and upgrades that the gateway answered with an error, by status; `other`: every status without a separate series."},
    {"signal_http_dropped_total", observe::MetricType::counter, "connections", {"reason"}, "HTTP connections that ended without an answer or with an unread one, by reason: `tls`, `tls_timeout`, `proxy_header`, `unread_answer`, `memory`, `system`."},
    {"signal_closes_total", observe::MetricType::counter, "connections", {"code", "by"}, "WebSocket connections ended, by close code and by the side that sent it: `server` or `client`; 1006: the connection broke."},
    {"signal_frames_out_total", observe::MetricType::counter, "frames", {}, "Frames queued for clients."},
    {"signal_bytes_out_total", observe::MetricType::counter, "bytes", {}, "Bytes for clients that the kernel has accepted."},
    {"signal_ignored_messages_total", observe::MetricType::counter, "messages", {}, "Client messages that were ignored."},
    {"signal_acks_total", observe::MetricType::counter, "messages", {}, "Acknowledgement messages from clients."},
    {"signal_acks_dropped_total", observe::MetricType::counter, "acknowledgements", {}, "Acknowledgements that were dropped: the queue was full, or they could not be stored."},
    {"signal_catch_ups_unanswered_total", observe::MetricType::counter, "catch-ups", {}, "Catch-ups that ended early because the database did not answer."},
    {"signal_rooms_left_out_total", observe::MetricType::counter, "rooms", {}, "Requested rooms that were omitted from a join because the database did not answer."},
    {"signal_room_checks_failed_total", observe::MetricType::counter, "clients", {}, "Clients whose membership could not be checked because the database did not answer."},
    {"signal_rooms_closed_total", observe::MetricType::counter, "rooms", {}, "Rooms closed for one client because its membership could not be checked for too long."},
    {"signal_late_hints_total", observe::MetricType::counter, "hints", {}, "Hints sent after the bus had been unavailable, from the rows stored meanwhile."},
    {"signal_queued_bytes", observe::MetricType::gauge, "bytes", {"kind"}, "Bytes held for and from peers, by kind: `frames`, `held_pushes`, `half_messages`, `questions` (tokens and room names to check), `requests`, `answers`, `tls_handshakes`, `tls_records`, `acks`."},
    {"signal_queued_limit_bytes", observe::MetricType::gauge, "bytes", {}, "Bound of the sum of signal_queued_bytes, from SIGNAL_WS_QUEUED_BYTES_TOTAL."},
    {"signal_turns_cut_total", observe::MetricType::counter, "turns", {}, "Turns of the shards' loops that left work for the next turn."},
    {"signal_loop_lag_seconds", observe::MetricType::histogram, "seconds", {}, "Delay of the periodic tick of the shards' event loops."},
    {"signal_tokens_refused_total", observe::MetricType::counter, "tokens", {"reason"}, "Bearer tokens refused, by reason; `token refused` in the log names it too."},
    {"signal_key_set_fetches_total", observe::MetricType::counter, "fetches", {}, "Fetches of the identity service's key set."},
    {"signal_key_set_fetch_failures_total", observe::MetricType::counter, "fetches", {}, "Fetches of the key set that failed."},
    {"signal_key_set_keys", observe::MetricType::gauge, "keys", {}, "Keys in the current key set."},
    {"signal_key_set_unusable_keys", observe::MetricType::gauge, "keys", {}, "Keys of the current key set that cannot be used; the log names them."},
    {"signal_revocation_reads_failed_total", observe::MetricType::counter, "reads", {}, "Times that the revocations could not be read."},
    {"signal_kafka_connected", observe::MetricType::gauge, "1 or 0", {}, "1 while a broker answers, the topic exists and the instance is in its consumer group."},
    {"signal_kafka_assigned_partitions", observe::MetricType::gauge, "partitions", {}, "Partitions assigned to this instance."},
    {"signal_kafka_lag_messages", observe::MetricType::gauge, "messages", {}, "Messages of the assigned partitions that are not handled yet."},
    {"signal_oldest_unstored_record_age_seconds", observe::MetricType::gauge, "seconds", {}, "Age of the oldest record that was read and is neither stored nor otherwise done; 0 without such a record."},
    {"signal_ingest_holding", observe::MetricType::gauge, "1 or 0", {}, "1 while a batch waits for the database or the DLQ."},
    {"signal_ingest_held_partitions", observe::MetricType::gauge, "partitions", {}, "Partitions whose batch waits for the database or the DLQ."},
    {"signal_ingest_waiting_messages", observe::MetricType::gauge, "messages", {}, "Messages set aside because another transaction has locked an inbox."},
    {"signal_ingest_lock_waits_total", observe::MetricType::counter, "waits", {}, "Times that a message was set aside because of a locked inbox."},
    {"signal_records_total", observe::MetricType::counter, "records", {}, "Kafka records read."},
    {"signal_empty_records_total", observe::MetricType::counter, "records", {}, "Records without a value: ignored."},
    {"signal_expired_records_total", observe::MetricType::counter, "records", {}, "Records older than the retention: not stored; their offsets are committed."},
    {"signal_odd_timestamps_total", observe::MetricType::counter, "records", {}, "Records whose timestamp is not in milliseconds; it was converted."},
    {"signal_batches_total", observe::MetricType::counter, "batches", {}, "Batches done."},
    {"signal_batch_retries_total", observe::MetricType::counter, "batches", {}, "Batches held back and tried again."},
    {"signal_poison_total", observe::MetricType::counter, "messages", {}, "Messages that can never be handled."},
    {"signal_dead_letters_total", observe::MetricType::counter, "messages", {"outcome"}, "Messages for the DLQ topic, by outcome: `sent`, `lost`."},
    {"signal_extra_dropped_total", observe::MetricType::counter, "messages", {}, "Messages whose unknown fields were too large to keep."},
    {"signal_replaced_surrogates_total", observe::MetricType::counter, "surrogates", {"source"}, "Lone surrogates in texts that became U+FFFD, by source: `kafka`, `bus`."},
    {"signal_record_to_commit_seconds", observe::MetricType::histogram, "seconds", {}, "Time from the Kafka record's timestamp to the commit of its rows."},
    {"signal_notifications_total", observe::MetricType::counter, "messages", {"outcome"}, "Messages handled, by outcome: `stored`, `redelivered` (stored before by this record), `known_key` (stored before by another record)."},
    {"signal_recipient_rows_total", observe::MetricType::counter, "rows", {}, "Recipient rows stored."},
    {"signal_members_left_out_total", observe::MetricType::counter, "members", {}, "Members in policy rows that were left out because their ids are invalid."},
    {"signal_hints_total", observe::MetricType::counter, "hints", {"outcome"}, "Hints, one for each recipient, by outcome: `local` (to clients of this instance), `bus` (to other instances), `no_client`, `too_old`."},
    {"signal_pushes_dropped_total", observe::MetricType::counter, "pushes", {}, "Pushes dropped because a shard's mailbox was full."},
    {"signal_record_to_frame_seconds", observe::MetricType::histogram, "seconds", {}, "Time from the Kafka record's timestamp to the sealed frame of a hint."},
    {"signal_broadcasts_open", observe::MetricType::gauge, "broadcasts", {}, "Broadcasts that are not done yet, of all instances."},
    {"signal_broadcast_oldest_age_seconds", observe::MetricType::gauge, "seconds", {}, "Age of the oldest broadcast that is not done; 0 if there is none."},
    {"signal_broadcast_recipients_done", observe::MetricType::gauge, "recipients", {"notification"}, "Recipients that have the notification, for the 20 oldest broadcasts that are not done."},
    {"signal_broadcast_recipients_total", observe::MetricType::counter, "rows", {}, "Recipient rows stored by slices of broadcasts."},
    {"signal_broadcast_slices_total", observe::MetricType::counter, "slices", {}, "Slices of broadcasts stored by this instance."},
    {"signal_broadcast_slice_waits_total", observe::MetricType::counter, "slices", {}, "Slices that failed because of a lock or a slow database; they are tried again."},
    {"signal_broadcast_failures_total", observe::MetricType::counter, "turns", {}, "Turns of the broadcast worker that ended with an error."},
    {"signal_broadcasts_done_total", observe::MetricType::counter, "broadcasts", {}, "Broadcasts whose last slice was stored by this instance."},
    {"signal_broadcasts_taken_over_total", observe::MetricType::counter, "broadcasts", {}, "Broadcasts that this instance continued although it was not confirmed that the hints of their last slice had been pushed; these hints are pushed again."},
    {"signal_bus_connected", observe::MetricType::gauge, "1 or 0", {}, "1 while the subscription is confirmed and probes through each master come back."},
    {"signal_bus_losses_total", observe::MetricType::counter, "losses", {}, "Times that the bus became unavailable."},
    {"signal_instances", observe::MetricType::gauge, "instances", {}, "Instances that announced themselves within the last 15 s, including this one."},
    {"signal_bus_received_total", observe::MetricType::counter, "messages", {}, "Messages received, without probes and announcements."},
    {"signal_bus_received_bytes_total", observe::MetricType::counter, "bytes", {}, "Bytes of the messages received from the bus."},
    {"signal_bus_published_total", observe::MetricType::counter, "messages", {}, "Messages that Redis has accepted, without probes and announcements."},
    {"signal_bus_dropped_total", observe::MetricType::counter, "messages", {"cause"}, "Messages for other instances that were not sent, by cause: `messages`, `bytes` and `age` (bounds of the queue), `refused` (by Redis)."},
    {"signal_bus_messages_total", observe::MetricType::counter, "messages", {"outcome"}, "Messages from the bus, by outcome: `relayed`, `nobody` (none of its users is connected here), `own` (of this instance), `malformed`, `too_large`."},
    {"signal_operator_questions_total", observe::MetricType::counter, "questions", {"outcome"}, "Questions of operators, by outcome: `asked` by this instance, `refused` because there were too many, `answered` for another instance."},
    {"signal_operator_answers_missing_total", observe::MetricType::counter, "answers", {}, "Answers of other instances that did not arrive in time."},
    {"signal_operator_messages_dropped_total", observe::MetricType::counter, "messages", {"cause"}, "Operators' messages from the bus that were not handled, by cause: `malformed`, `too_many`."},
    {"signal_database_reachable", observe::MetricType::gauge, "1 or 0", {}, "1 while the database answers."},
    {"signal_clock_ahead_seconds", observe::MetricType::gauge, "seconds", {}, "This machine's clock minus the database's; negative: this machine is behind."},
    {"signal_maintenance_failures_total", observe::MetricType::counter, "runs", {}, "Runs of the store's maintenance that failed."},
    {"signal_maintenance_busy_total", observe::MetricType::counter, "runs", {}, "Runs of the store's maintenance that found a table in use and began a back-off of minutes."},
    {"signal_default_partition_rows", observe::MetricType::gauge, "rows", {}, "Rows in the default partition, because their month had no partition; 0 unless tables were upgraded from version 3 or before."},
    {"signal_log_lines_dropped_total", observe::MetricType::counter, "lines", {}, "Log lines dropped because they were not read in time or could not be written."},
    {"signal_trace_spans_total", observe::MetricType::counter, "spans", {"outcome"}, "Spans recorded while tracing is on, by outcome: `exported`, `no_room` (dropped: the collector did not take them in time), `refused` (by the collector)."},
    {"signal_trace_requests_failed_total", observe::MetricType::counter, "requests", {}, "Requests that the collector of traces did not answer or refused for now; they are sent again."},
};
// clang-format on

/// The row with that name. A name without a row does not compile.
consteval const observe::MetricFamily& family(std::string_view name) {
  for (const observe::MetricFamily& row : kMetricFamilies) {
    if (row.name == name) return row;
  }
  throw std::invalid_argument("no such metric");
}

}  // namespace nx::app
