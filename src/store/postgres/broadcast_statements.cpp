// The statements on the table ActivityBroadcast.

#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

void Statements::make_broadcasts(const std::string& schema) {
  const auto make = [&schema](std::string_view sql) { return in_schema(sql, schema); };
  insert_broadcast = make(
      R"(INSERT INTO @"ActivityBroadcast" (notification_id, recipients, recorded_ms, traceparent) VALUES ($1, $2, $3, $4))");
  // Among the broadcasts without a living worker, takes the one whose last turn was longest ago.
  take_broadcast =
      make(R"(UPDATE @"ActivityBroadcast" SET worker = $1, lease_until = clock_timestamp() + $2 * interval '1 ms'
    WHERE notification_id = (SELECT notification_id FROM @"ActivityBroadcast"
      WHERE turn_at <= now() AND (lease_until IS NULL OR lease_until < now()) ORDER BY turn_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING notification_id, recorded_ms, traceparent, done_through, last_from, unconfirmed, recipients_done)");
  listed_of_broadcast = make(R"(SELECT unnest(recipients) FROM @"ActivityBroadcast" WHERE notification_id = $1)");
  broadcast_at = make(
      R"(SELECT done_through, recipients_done, $2 = ANY(recipients) FROM @"ActivityBroadcast" WHERE notification_id = $1)");
  // $2 the worker, $3 the beginning of the slice, $4 its end, $5 the number of its recipients, $6 the lease in ms.
  advance_broadcast = make(R"(UPDATE @"ActivityBroadcast" SET done_through = $4, last_from = $3, unconfirmed = $5 > 0,
      recipients_done = recipients_done + $5, lease_until = clock_timestamp() + $6 * interval '1 ms'
    WHERE notification_id = $1 AND worker = $2 AND done_through IS NOT DISTINCT FROM $3)");
  // $2 the worker, $3 whether the hints of the last slice are pushed, $4 the pause before the next turn in ms.
  release_broadcast = make(R"(UPDATE @"ActivityBroadcast" SET worker = NULL, lease_until = NULL,
      unconfirmed = unconfirmed AND NOT $3, turn_at = clock_timestamp() + $4 * interval '1 ms'
    WHERE notification_id = $1 AND worker = $2)");
  finish_broadcast = make(R"(DELETE FROM @"ActivityBroadcast" WHERE notification_id = $1 AND worker = $2)");
  open_broadcasts = make(R"(SELECT notification_id, recipients_done,
      (extract(epoch FROM clock_timestamp() - created_at) * 1000)::bigint, count(*) OVER ()
    FROM @"ActivityBroadcast" WHERE notification_id > $1 ORDER BY notification_id LIMIT $2)");
}

}  // namespace nx::store::postgres
