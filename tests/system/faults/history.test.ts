// The full history under kills and outages: 12 partitions, three scopes, 1–1,000 recipients, repeated ids, poison;
// three instances, of which one is killed with -9 five times, while PostgreSQL is stopped twice for 10 s. Forty tills
// stay with the two that are never killed, and the bus brings them the rest.
//   SIGNAL_FAULT_SEED=… repeats a run's choices; script/history runs many.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readDeadLetters, type DeadLetterSeen } from "../harness/dead_letters";
import { Instance, type Batch } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import type { Metrics } from "../harness/metrics";
import { givenSeed, Random } from "../harness/random";
import type { RedisServer } from "../harness/redis";
import { fiveKills, partitions, setUp, type Run } from "./history_run";

const seed = givenSeed();
const say = (text: string) => console.log(`history: seed ${seed}: ${text}`);
let run: Run;
let letters: DeadLetterSeen[] = [];

beforeAll(async () => {
  console.log(`history: seed ${seed} (SIGNAL_FAULT_SEED=${seed} repeats it)`);
  const began = performance.now();
  const passed = () => ((performance.now() - began) / 1000).toFixed(0);
  run = await setUp(new Random(seed));
  const { place, history, producer, production } = run;
  const pace = production.pace();
  pace.catch(() => undefined);
  const { kills, rolledBack } = await fiveKills(run);
  expect(kills.length).toBe(5);
  await pace;
  const producedAfter = passed();
  // One message more on each partition lies behind everything: when these are stored, all poison has been handled as
  // well.
  const marker = { recipientScope: "users", recipientIds: ["marker"] };
  const markers = Array.from({ length: partitions }, (_, partition) => history.good(marker, {}, partition));
  await history.produce(producer, markers);
  await history.waitStored(place.database, 60_000);
  say(
    `${history.sent.length} records (${history.repeated} repeated ids, ${history.poison} poison) in ${passed()} s ` +
      `(produced by ${producedAfter} s), kills: ${kills.join(", ")}; ${rolledBack} records rolled back`,
  );
});
afterAll(() => Instance.endAll());

test("through five kill -9 and two outages every row is there once, and every counter is right", async () => {
  const { history, place } = run;
  const stored = await history.checkTables(place.database);
  say(`${stored.length} notifications = distinct good keys, ${history.rowsExpected()} recipient rows = expected`);
});

/** An offset is committed later than its hint is pushed, so what a kill swallowed is redelivered and pushed again. A
 *  gap of the bus would excuse what fell into it; there must be none here. */
test("every row of a till's user is heard live, whoever committed its record", async () => {
  const { place, history, clients, steady, other } = run;
  const gaps = [steady, other].flatMap((one) => one.lines.filter((line) => line.event === "bus away"));
  expect(gaps).toEqual([]);
  const heard = await history.checkClients(place.database, clients, "everything", steady.ws);
  say(
    `40 tills heard live ${heard.heardLive} hints (${heard.dueLive} due, none missing), ${heard.repeats} twice, ` +
      `${heard.caughtUp} by ${heard.reconnects} catch-ups`,
  );
});

test("every poison record is a dead letter, and nothing else is called poison", async () => {
  const { place, history, steady, other, victim } = run;
  const placeOf = (partition: unknown, offset: unknown) => `${partition}/${offset}`;
  const sent = history.sent.filter((one) => one.title === null);
  const poisoned = new Set(sent.map((one) => placeOf(one.partition, one.offset)));
  letters = await readDeadLetters(place.stack, place.dlq!, poisoned.size);
  const lettered = letters.map(({ headers }) => placeOf(headers["signal.partition"], headers["signal.offset"]));
  expect(new Set(lettered)).toEqual(poisoned);
  const called = [steady, other, victim]
    .flatMap((one) => one.lines.filter((line) => line.event === "message can never be handled"))
    .map((line) => placeOf(line.partition, line.offset));
  expect(called.filter((one) => !poisoned.has(one))).toEqual([]);
});

/** How many records were committed by one life of a process and came again to another. */
function redelivered({ steady, other, victim }: Run): number {
  const offsets = ({ partition, first, last }: Batch) =>
    Array.from({ length: Number(last - first) + 1 }, (_, n) => `${partition}/${first + BigInt(n)}`);
  const lives = [
    steady.batches(),
    other.batches(),
    ...Array.from({ length: victim.life }, (_, n) => victim.batches().filter((batch) => batch.life === n + 1)),
  ];
  const times = new Map<string, number>();
  for (const life of lives)
    for (const offset of new Set(life.flatMap(offsets))) times.set(offset, (times.get(offset) ?? 0) + 1);
  return [...times.values()].filter((count) => count > 1).length;
}

test("records that came again after their commit are counted, and the bus has carried messages", async () => {
  const { steady, other, victim } = run;
  const metrics = await Promise.all([steady, other, victim].map((one) => one.metrics()));
  const sum = (name: string, outcome: string, of: Metrics[]) =>
    of.reduce((all, one) => all + one.sum(name, { outcome }), 0);
  const again = redelivered(run);
  const counted = sum("signal_notifications_total", "redelivered", metrics);
  const relayed = sum("signal_bus_messages_total", "relayed", metrics.slice(0, 2));
  expect(again).toBeGreaterThan(0);
  expect(counted).toBeGreaterThan(0);
  expect(relayed).toBeGreaterThan(0);
  say(
    `${again} records came again after their commit (${counted} counted by /metrics), ${relayed} messages came over ` +
      `the bus; batch retries ${metrics[0]!.sum("signal_batch_retries_total")}`,
  );
});

test("at the end every instance stops in order, and no secret is in what they wrote", async () => {
  const { place, producer, steady, other, victim, clients } = run;
  await Promise.all([steady, other, victim].map((one) => one.stop()));
  await (place.redis as RedisServer).end();
  const ofClients = clients.flatMap((client) => [client.token.split(".")[2]!, ...client.keys]);
  const secrets = [place.database.password, "signal-secret", ...ofClients];
  const headers = letters.map((letter) => JSON.stringify(letter.headers));
  say(`no secret in ${checkNoLeaks([steady, other, victim], secrets, headers)} texts`);
  await producer.disconnect();
  await place.database.close();
});
