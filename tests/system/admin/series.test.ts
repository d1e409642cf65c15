// The points of the charts of the operators' page, from two answers that follow each other.
import { expect, test } from "bun:test";
import { broadcastsOf, rateOf, valueOf } from "../../../src/admin/page/series.mjs";

const rows = { rate: true, metric: "signal_recipient_rows_total" };
const lag = { metric: "signal_kafka_lag_messages" };
const age = { metric: "signal_oldest_unstored_record_age_seconds", highest: true };

const instance = (id: string, at: number, metrics: Record<string, number>, startedAt = 0) => ({
  id,
  at,
  startedAt,
  metrics,
  broadcasts: [] as { id: string; ageMs: number; recipientsDone: number }[],
});
const counted = (id: string, at: number, value: number, startedAt = 0) =>
  instance(id, at, { signal_recipient_rows_total: value }, startedAt);

test("a rate is the growth between the times of the instance itself", () => {
  expect(rateOf(counted("a", 1_000, 10), counted("a", 3_500, 35), rows.metric)).toBe(10);
});

test.each([
  ["that is new", undefined, counted("a", 3_000, 5)],
  ["that has started again", counted("a", 1_000, 10, 0), counted("a", 3_000, 20, 2_000)],
  ["whose counter is lower than before", counted("a", 1_000, 10), counted("a", 3_000, 5)],
  ["whose clock stands still", counted("a", 1_000, 10), counted("a", 1_000, 12)],
  ["that does not know the metric", instance("a", 1_000, {}), instance("a", 3_000, {})],
])("an instance %s has no rate", (_, before, now) => {
  expect(rateOf(before, now, rows.metric)).toBeNull();
});

test("the rate of all is the sum of those that have one", () => {
  const before = [counted("a", 0, 0), counted("b", 0, 100)];
  const now = [counted("a", 2_000, 10), counted("b", 2_000, 104), counted("c", 2_000, 1_000_000)];
  expect(valueOf(rows, before, now)).toBe(7);
  expect(valueOf(rows, null, now)).toBeNull();
});

test("a gauge is summed over all instances, and an age is the highest", () => {
  const now = [
    instance("a", 0, { [lag.metric]: 3, [age.metric]: 0.5 }),
    instance("b", 0, { [lag.metric]: 4, [age.metric]: 2.5 }),
    instance("c", 0, {}),
  ];
  expect(valueOf(lag, null, now)).toBe(7);
  expect(valueOf(age, null, now)).toBe(2.5);
  expect(valueOf(lag, null, [])).toBeNull();
});

test("a broadcast that several instances see is one, as far as any of them has seen it", () => {
  const [a, b] = [instance("a", 0, {}), instance("b", 0, {})];
  a.broadcasts = [{ id: "x", ageMs: 5, recipientsDone: 10 }];
  b.broadcasts = [
    { id: "y", ageMs: 9, recipientsDone: 1 },
    { id: "x", ageMs: 6, recipientsDone: 30 },
  ];
  expect(broadcastsOf([a, b]).map(({ id, recipientsDone }) => [id, recipientsDone])).toEqual([
    ["y", 1],
    ["x", 30],
  ]);
});
