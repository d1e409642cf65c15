// Kafka → rows → hints through the embedded broker: what came of 2,000 messages, held against the recipients that are
// computed from the policy edges apart from Signal's queries.   NX_SIGNAL_SEED=… makes the same messages again.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { created } from "./support/dev_stage";
import { pipelineRun } from "./support/pipeline_run";
import { uuid } from "./support/rows";
import { until } from "./support/signal";

const seed = Number(process.env.NX_SIGNAL_SEED ?? 20_261);
let run: Awaited<ReturnType<typeof pipelineRun>>;
beforeAll(async () => {
  run = await pipelineRun(seed);
  const { history, rows, seconds } = run;
  console.log(
    `seed ${seed}: ${history.sent.length} messages in ${seconds.toFixed(1)} s, ${history.poison} poison, ` +
      `${history.repeated} repeated keys, ${history.expected.size} distinct good keys, ` +
      `${history.rowsExpected()} recipient rows, ${rows.inboxes()} inboxes`,
  );
});
afterAll(() => run.end());

test("each good message is stored once, and nothing of a repeated key or of poison", () => {
  const titles = run.rows.notifications().map((row) => row.title);
  expect(titles.length).toBe(run.history.expected.size);
  expect(new Set(titles)).toEqual(new Set(run.history.expected.keys()));
});

test("each message has exactly the recipients that its scope means", () => {
  const actual = new Map<string, Set<string>>();
  const stored = run.rows.recipients();
  for (const row of stored) actual.set(row.title, (actual.get(row.title) ?? new Set()).add(row.user));
  for (const [title, { recipients }] of run.history.expected) {
    const got = actual.get(title) ?? new Set();
    const missing = [...recipients].filter((user) => !got.has(user));
    const surplus = [...got].filter((user) => !recipients.has(user));
    expect({ title, missing, surplus }).toEqual({ title, missing: [], surplus: [] });
  }
  expect(stored.length).toBe(run.history.rowsExpected());
});

test("the counters of each inbox are those of its rows", () => {
  expect(run.rows.wrongCounters()).toEqual([]);
});

test("each client that watches hears each row of its user once, in their order, with the unread count", async () => {
  const stored = run.rows.recipients();
  let hints = 0;
  for (const [user, client] of run.watchers) {
    const due = stored.filter((row) => row.user === user).sort((a, b) => a.seq - b.seq);
    const log = () => client.frames.filter((frame) => frame.event === created);
    await until(() => log().length >= due.length, 30_000, `${due.length} hints for ${user}`);
    expect(log().map((frame) => frame.data.id)).toEqual(due.map((row) => uuid(row.notification)));
    expect(log().map((frame) => frame.seq)).toEqual(due.map((row) => row.seq));
    expect(log().at(-1)?.unread ?? 0).toBe(due.length);
    expect(log().every((frame) => !("seq" in frame.data) && frame.data.readAt === null)).toBe(true);
    hints += log().length;
    client.close();
  }
  console.log(`seed ${seed}: ${hints} hints at ${run.watchers.size} clients`);
});

test("each poison message is named once in the log", () => {
  const named = run.signal.logs.filter((line) => line.event === "message can never be handled");
  expect(named.length).toBe(run.history.poison);
});
