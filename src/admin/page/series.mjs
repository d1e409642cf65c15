// The points of the charts, from two answers of GET /v1/operators/instances that follow each other. Pure.

/** How a chart gets one value from the metrics of all instances. `rate`: the metric counts, and the chart shows its
 *  growth in a second. */
export const charts = [
  { id: "connections", title: "Connections", metric: "signal_connections" },
  { id: "handshakes", title: "Handshakes a second", metric: "signal_handshakes_total", rate: true },
  { id: "frames", title: "Frames a second", metric: "signal_frames_out_total", rate: true },
  { id: "bytes", title: "Bytes a second", metric: "signal_bytes_out_total", rate: true, unit: "bytes" },
  { id: "records", title: "Kafka records a second", metric: "signal_records_total", rate: true },
  { id: "rows", title: "Inbox rows a second", metric: "signal_recipient_rows_total", rate: true },
  { id: "lag", title: "Lag, messages", metric: "signal_kafka_lag_messages" },
  { id: "age", title: "Oldest record in hand, s", metric: "signal_oldest_unstored_record_age_seconds", highest: true },
];

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** The growth in a second of one instance's counter; null when there is nothing to compare with: the instance is new,
 *  or it began to count again after a restart. */
export function rateOf(before, now, metric) {
  const [from, to] = [before?.metrics[metric], now.metrics[metric]];
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  if (from === undefined || to === undefined || seconds <= 0 || before.startedAt !== now.startedAt) return null;
  return to < from ? null : (to - from) / seconds;
}

/** The value of `chart` over all instances; null when no instance has one. */
export function valueOf(chart, before, now) {
  const earlier = new Map((before ?? []).map((one) => [one.id, one]));
  const values = now
    .map((one) => (chart.rate ? rateOf(earlier.get(one.id), one, chart.metric) : (one.metrics[chart.metric] ?? null)))
    .filter((value) => value !== null);
  if (values.length === 0) return null;
  return chart.highest ? Math.max(...values) : sum(values);
}

/** The broadcasts that any instance sees, the oldest first, each with the most recipients that an instance has seen. */
export function broadcastsOf(instances) {
  const found = new Map();
  for (const { broadcasts } of instances) {
    for (const one of broadcasts) {
      const known = found.get(one.id);
      if (!known || known.recipientsDone < one.recipientsDone) found.set(one.id, one);
    }
  }
  return [...found.values()].sort((a, b) => b.ageMs - a.ageMs);
}
