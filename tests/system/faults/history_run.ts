// Production, set-up and kills of the history test: see history.test.ts.
import { expect } from "bun:test";
import type { Producer } from "kafkajs";
import { Database } from "../harness/database";
import { History, type Message, type Sent } from "../harness/history";
import { Instance, type Place } from "../harness/instance";
import { eventually } from "../harness/patience";
import { poisons } from "../harness/poison";
import type { Random } from "../harness/random";
import { RedisServer } from "../harness/redis";
import { Stack } from "../harness/stack";
import { StreamClient } from "../harness/stream_client";
import { thousandUsers, type Scope } from "../harness/world";

export const partitions = 12;
const total = Number(process.env.SIGNAL_FAULT_MESSAGES ?? 5_000);

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

export type Run = {
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

export async function setUp(random: Random): Promise<Run> {
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
      WHERE datname = current_database() AND client_port = ANY($1) AND wait_event_type = 'Lock'
      AND backend_xid IS NOT NULL`,
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
export async function fiveKills(run: Run) {
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
