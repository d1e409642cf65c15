// The full history under kills and outages: 12 partitions, three scopes, 1–1,000 recipients, repeated ids, poison;
// three instances, of which one is killed with -9 five times, while PostgreSQL is stopped twice for 10 s. Forty tills
// stay with the two that are never killed, and the bus brings them the rest.
//   SIGNAL_FAULT_SEED=… repeats a run's choices; script/history runs many.
import { afterEach, expect, test } from "bun:test";
import type { Producer } from "kafkajs";
import { readDeadLetters, type DeadLetterSeen } from "../harness/dead_letters";
import { Database } from "../harness/database";
import { History, type Message, type Sent } from "../harness/history";
import { Instance, type Place } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { eventually } from "../harness/patience";
import { givenSeed, Random } from "../harness/random";
import { RedisServer } from "../harness/redis";
import { Stack } from "../harness/stack";
import { StreamClient } from "../harness/stream_client";
import { thousandUsers, type Scope } from "../harness/world";

const partitions = 12;
const total = Number(process.env.SIGNAL_FAULT_MESSAGES ?? 5_000);

afterEach(() => Instance.endAll());

const poisons = [
  "{",
  "null",
  "[]",
  "5",
  "\u0000",
  JSON.stringify({ recipientScope: "planet", type: "t", title: "x" }),
  JSON.stringify({ recipientScope: "users", type: "t", title: "x" }),
  JSON.stringify({ recipientScope: "users", recipientIds: ["user-1"], type: "", title: "x" }),
  '{"recipientScope":"users","recipientIds":["user-1"],"type":"t","title":"x\\u0000"}',
  '{"recipientScope":"users","recipientIds":["user-1"],"type":"t\\ud800","title":"x"}',
  '{"recipientScope":"users","recipientIds":["user-1"],"type":"t","title":"x","data":{"n":1e200000}}',
  `{"recipientScope":"users","recipientIds":["user-1"],"type":"t","title":"x","deep":${"[".repeat(80)}${"]".repeat(80)}}`,
];

/** Makes the run's messages and produces them beside the faults, 80 a second at first, until all are out. */
class Production {
  perTick = 20;
  private readonly keyed: Message[] = [];
  private made = 0;
  private paced = true;
  private inTick = Promise.resolve();

  constructor(
    private readonly random: Random,
    private readonly history: History,
    private readonly scope: () => Scope,
    private readonly producer: Producer,
  ) {}

  next(count: number): Message[] {
    return Array.from({ length: Math.min(count, total - this.made) }, () => this.one());
  }

  private one(): Message {
    const { random, history, keyed } = this;
    ++this.made;
    const partition = random.below(partitions);
    const roll = random.next();
    if (roll < 0.01) return history.bad(random.of(poisons), partition);
    if (roll < 0.06 && keyed.length > 0) return history.again(random.of(keyed.slice(-200)), partition);
    const id = random.chance(0.5) ? `id-${this.made}` : undefined;
    const message = history.good(
      this.scope(),
      { id, spare: random.chance(0.1) ? { colour: "red" } : undefined },
      partition,
    );
    if (id) keyed.push(message);
    return message;
  }

  async pace(): Promise<void> {
    while (this.made < total) {
      if (this.paced) {
        this.inTick = this.history.produce(this.producer, this.next(this.perTick)).then(() => undefined);
        await this.inTick;
      }
      await Bun.sleep(250);
    }
  }
  /** Resolves when what was under way is out. */
  async pause(): Promise<void> {
    this.paced = false;
    await this.inTick;
  }
  resume(): void {
    this.paced = true;
  }
}

type Run = {
  place: Place;
  random: Random;
  history: History;
  producer: Producer;
  production: Production;
  steady: Instance;
  other: Instance;
  victim: Instance;
  clients: StreamClient[];
};

async function setUp(random: Random): Promise<Run> {
  const stack = await Stack.shared();
  const name = stack.name("history").replaceAll("_", ".");
  const redis = await RedisServer.start();
  const place: Place = {
    stack,
    database: await Database.create(stack),
    redis,
    topic: `${name}.activity`,
    group: `${name}.group`,
    dlq: `${name}.dlq`,
  };
  const { database } = place;
  await stack.kafka.createTopic(place.topic, partitions);
  await stack.kafka.createTopic(place.dlq!, 1);
  const { world, users, scope } = thousandUsers(random);
  await database.addPolicies(world.edges);
  const history = new History(place.topic, world, partitions);
  const producer = await stack.kafka.producer();

  const env = { SIGNAL_KAFKA_SESSION_TIMEOUT_MS: "3000", SIGNAL_DATABASE_BOOT_TIMEOUT_MS: "40000" };
  const steady = await Instance.start(place, { name: "the steady instance", env });
  const other = await Instance.start(place, { name: "the other steady instance", env });
  const watchers = new Set<string>(["user-0", "user-7", "user-35", "user-60", "user-250", "user-999"]);
  while (watchers.size < 40) watchers.add(random.of(users));
  const clients: StreamClient[] = [];
  for (const user of watchers) clients.push(new StreamClient(user, await stack.issuer.token({ userId: user })));
  await Promise.all(clients.map((client, n) => client.connect((n % 2 === 0 ? steady : other).ws)));
  const victim = await Instance.start(place, { name: "the victim", env });

  const production = new Production(random, history, scope, producer);
  return { place, random, history, producer, production, steady, other, victim, clients };
}

/** It has partitions and stores. */
async function works(instance: Instance) {
  const { life } = instance;
  await eventually(
    () => instance.batches().some((batch) => batch.life === life),
    40_000,
    `${instance.name} to store a batch in life ${life}; ${instance.tail(4)}`,
  );
}

/** Kills between begin and commit: its transaction waits for a lock that is held here. Resolves with the number of
 *  records that were in it or behind it. */
async function killInTransaction({ place: { database }, history, producer, production, victim }: Run): Promise<number> {
  await production.pause();
  const lock = await database.connection();
  let burst: Sent[] = [];
  let xid = "";
  try {
    await lock.query(`BEGIN; LOCK TABLE signal."ActivityNotificationRecipient" IN SHARE MODE`);
    burst = await history.produce(producer, production.next(60));
    const ports = [...victim.ports()];
    const waiting = await eventually(
      async () =>
        (
          await database.query(
            `SELECT pid, backend_xid::text AS xid FROM pg_stat_activity
      WHERE datname = current_database() AND client_port = ANY($1) AND wait_event_type = 'Lock' AND backend_xid IS NOT NULL`,
            [ports],
          )
        )[0],
      4_500,
      "the victim's transaction to wait",
    );
    xid = waiting.xid;
    await victim.kill9();
  } finally {
    await lock.end();
  }
  const status = await eventually(
    async () =>
      (await database.query("SELECT pg_xact_status($1::xid8) AS status", [xid]))[0].status.replace("in progress", ""),
    10_000,
    "the transaction to end",
  );
  expect(status).toBe("aborted");
  const stored = await database.sources();
  const missing = burst.filter(
    (one) =>
      one.title !== null &&
      !stored.has(one.source) &&
      ![...history.expected.get(one.title)!.sources].some((source) => stored.has(source)),
  );
  expect(missing.length).toBeGreaterThan(0);
  production.resume();
  return missing.length;
}

/** Returns how each came, and how many records the first rolled back. */
async function fiveKills(run: Run) {
  const {
    place: { stack },
    random,
    production,
    steady,
    other,
    victim,
  } = run;
  const kills: string[] = [];
  const nap = (from: number, to: number) => Bun.sleep(from + random.below(to - from));
  const outage = async (during: () => Promise<unknown>) => {
    await stack.postgres.immediate();
    await Promise.all([Bun.sleep(10_000), during()]);
    await stack.postgres.start();
  };

  await Promise.all([works(steady), works(other), works(victim)]);

  const rolledBack = await killInTransaction(run);
  kills.push("between begin and commit");
  await victim.launch();
  await works(victim);
  await nap(200, 1_500);

  await victim.killAfter("batch stored", 20_000);
  kills.push("between commit and offset");
  await victim.launch();

  await nap(0, 3_000);
  await outage(async () => {
    await nap(500, 8_000);
    await victim.kill9();
    kills.push("while the database was away");
  });
  await victim.launch();
  await works(victim);
  await nap(100, 2_000);

  await victim.kill9();
  kills.push("at a random moment");
  await victim.launch();
  await outage(() => Bun.sleep(0));
  await works(victim);

  production.perTick = 100; // what is left comes faster
  await victim.killAfter("batch stored", 20_000);
  kills.push("between commit and offset");
  await victim.launch();
  return { kills, rolledBack };
}

/** Every row of a till's user is heard live, whoever committed its record: an offset is committed later than its
 *  hint is pushed, so what a kill swallowed is redelivered and pushed again. A gap of the bus would excuse what fell
 *  into it; there must be none here. */
async function checkHeard({ place: { database }, history, clients, steady, other }: Run) {
  const gaps = [steady, other].flatMap((one) => one.lines.filter((line) => line.event === "bus away"));
  expect(gaps).toEqual([]);
  return history.checkClients(database, clients, "everything", steady.ws);
}

/** Every poison record was handled, and nothing else was called poison. */
async function checkPoison({ place: { stack, dlq }, history, steady, other, victim }: Run) {
  const places = (lines: { partition?: unknown; offset?: unknown }[]) =>
    new Set(lines.map((line) => `${line.partition}/${line.offset}`));
  const poisoned = new Set(
    history.sent.filter((one) => one.title === null).map((one) => `${one.partition}/${one.offset}`),
  );
  const called = () =>
    places(
      [...steady.lines, ...other.lines, ...victim.lines].filter(
        (line) => line.event === "message can never be handled",
      ),
    );
  const letters = await readDeadLetters(stack, dlq!, poisoned.size);
  expect(new Set(letters.map(({ headers }) => `${headers["signal.partition"]}/${headers["signal.offset"]}`))).toEqual(
    poisoned,
  );
  expect([...called()].filter((one) => !poisoned.has(one))).toEqual([]);
  return { letters, poisoned };
}

/** How many records were committed by one life of a process and came again to another: by their offsets, and as
 *  /metrics has counted them. */
async function countRedelivered({ steady, other, victim }: Run) {
  const offsets = (batches: ReturnType<Instance["batches"]>) =>
    new Set(
      batches.flatMap((batch) =>
        Array.from(
          { length: Number(batch.last - batch.first) + 1 },
          (_, n) => `${batch.partition}/${batch.first + BigInt(n)}`,
        ),
      ),
    );
  const lives = [
    offsets(steady.batches()),
    offsets(other.batches()),
    ...Array.from({ length: victim.life }, (_, n) => offsets(victim.batches().filter((batch) => batch.life === n + 1))),
  ];
  const times = new Map<string, number>();
  for (const life of lives) for (const offset of life) times.set(offset, (times.get(offset) ?? 0) + 1);
  const redelivered = [...times.values()].filter((count) => count > 1).length;
  const metrics = await Promise.all([steady.metrics(), other.metrics(), victim.metrics()]);
  const counted = metrics.reduce(
    (sum, one) => sum + one.sum("signal_notifications_total", { outcome: "redelivered" }),
    0,
  );
  expect(redelivered).toBeGreaterThan(0);
  expect(counted).toBeGreaterThan(0);
  return { redelivered, counted, metrics };
}

/** Ends everything; no secret may stand in what it wrote. Returns how many texts were searched. */
async function endWithoutLeaks(
  { place: { database, redis }, producer, steady, other, victim, clients }: Run,
  letters: DeadLetterSeen[],
): Promise<number> {
  await Promise.all([steady.stop(), other.stop(), victim.stop()]);
  await (redis as RedisServer).end();
  const secrets = [
    database.password,
    "signal-secret",
    ...clients.flatMap((client) => [client.token.split(".")[2]!, ...client.keys]),
  ];
  const texts = checkNoLeaks(
    [steady, other, victim],
    secrets,
    letters.map((letter) => JSON.stringify(letter.headers)),
  );
  await producer.disconnect();
  await database.close();
  return texts;
}

test("the history: every row once, every counter right, every hint heard, through five kill -9 and two outages of the database", async () => {
  const seed = givenSeed();
  console.log(`history: seed ${seed} (SIGNAL_FAULT_SEED=${seed} repeats it)`);
  const random = new Random(seed);
  const began = performance.now();
  const run = await setUp(random);
  const {
    place: { database },
    history,
    producer,
    production,
    steady,
  } = run;

  const pace = production.pace();
  pace.catch(() => undefined);
  const { kills, rolledBack } = await fiveKills(run);
  await pace;
  const producedAfter = (performance.now() - began) / 1000;

  // One message more on each partition lies behind everything: when these are stored, all poison has been handled as
  // well.
  await history.produce(
    producer,
    Array.from({ length: partitions }, (_, partition) =>
      history.good({ recipientScope: "users", recipientIds: ["marker"] }, {}, partition),
    ),
  );
  await history.waitStored(database, 60_000);
  const storedAfter = (performance.now() - began) / 1000;

  const stored = await history.checkTables(database);
  const heard = await checkHeard(run);
  const { letters, poisoned } = await checkPoison(run);
  const { redelivered, counted, metrics } = await countRedelivered(run);
  expect(kills.length).toBe(5);
  const relayed = metrics
    .slice(0, 2)
    .reduce((sum, one) => sum + one.sum("signal_bus_messages_total", { outcome: "relayed" }), 0);
  expect(relayed).toBeGreaterThan(0);

  const texts = await endWithoutLeaks(run, letters);
  console.log(
    `history: seed ${seed}: ${history.sent.length} records (${history.repeated} repeated ids, ` +
      `${poisoned.size} poison) in ${storedAfter.toFixed(0)} s (produced by ${producedAfter.toFixed(0)} s), ` +
      `kills: ${kills.join(", ")}; ${rolledBack} records rolled back, ${redelivered} records came again after their ` +
      `commit (${counted} counted by /metrics), ` +
      `${stored.length} notifications = distinct good keys, ${history.rowsExpected()} recipient rows = expected, ` +
      `counters recounted, ` +
      `40 tills heard live ${heard.heardLive} hints (${heard.dueLive} due, none missing; ` +
      `${relayed} messages came over the bus), ${heard.repeats} twice, ` +
      `${heard.caughtUp} by ${heard.reconnects} catch-ups; batch retries ` +
      `${metrics[0]!.sum("signal_batch_retries_total")}; no secret in ${texts} texts`,
  );
});
