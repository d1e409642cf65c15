// What exact mode saves, and whether it comes back: many instances under pushes to single users in both modes, then two
// exact instances with many clients while Redis is restarted.   modes.ts INSTANCES USERS PUSHES CLIENTS, in
// tests/stack/with; see script/bench-bus
import { Database as SqliteFile } from "bun:sqlite";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instance, type Place } from "../../tests/system/harness/instance";
import { eventually } from "../../tests/system/harness/patience";
import { emptyPlace } from "../../tests/system/harness/place";
import { givenSeed, Random } from "../../tests/system/harness/random";
import { RedisServer } from "../../tests/system/harness/redis";
import { Stack } from "../../tests/system/harness/stack";
import { Crowd } from "./crowd";
import type { Entry } from "./ledger";
import { Pipeline } from "./pipeline";
import { cpuSeconds } from "./process";
import { Audience, pushed, Pushes } from "./pushes";
import { connectAll, Till } from "./till";

type Mode = "patterns" | "exact";
const [instanceCount, userCount, pushCount, clientCount] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
];
const rate = 1_000; // pushes a second: twenty times as many messages in pattern mode
const random = new Random(givenSeed());
const folder = mkdtempSync(join(tmpdir(), "signal-bench-"));
const redisLog = `${folder}/redis.log`;
let databases = 0;

/** One worker, an SQLite file and a consumer group of its own. */
async function serve(place: Place, mode: Mode, name: string): Promise<Instance> {
  const path = `${folder}/${++databases}.sqlite`;
  const identity = new SqliteFile(path);
  identity.exec(
    `CREATE TABLE "PolicyDefinition" (deleted_at INTEGER, variant TEXT NOT NULL, subject_type TEXT NOT NULL,
      subject_id TEXT NOT NULL, target_type TEXT NOT NULL, target_id TEXT NOT NULL)`,
  );
  identity.close();
  const env = {
    SIGNAL_DATABASE_URL: `sqlite:${path}`,
    SIGNAL_POLICY_TABLE: "PolicyDefinition",
    SIGNAL_KAFKA_GROUP_ID: place.stack.name("bench"),
    SIGNAL_WORKERS: "1",
    SIGNAL_BUS_SUBSCRIPTION: mode,
    SIGNAL_LOG_LEVEL: "info",
  };
  const instance = await Instance.start(place, { name, env });
  await eventually(() => instance.count("bus connected") > 0, 10_000, `${name} to log "bus connected"`);
  return instance;
}

const sum = (values: number[]) => values.reduce((total, one) => total + one, 0);

async function measure(place: Place, redis: RedisServer, mode: Mode): Promise<string[]> {
  const instances: Instance[] = [];
  for (let n = 0; n < instanceCount; ++n) instances.push(await serve(place, mode, `instance ${n}`));
  const tills = Array.from({ length: userCount }, (_, n) => new Till(`user-${n}`));
  await connectAll(
    tills,
    (_, n) => instances[n % instanceCount]!.ws,
    (userId) => place.stack.issuer.token({ userId }),
  );
  const audience = new Audience(tills, new Map(), 1);
  const publisher = await Pipeline.open(redis.port);
  const redisPid = Number(await redis.info("server", "process_id"));
  const received = () =>
    Promise.all(instances.map(async (one) => (await one.metrics()).sum("signal_bus_received_total")));
  const cpu = () => ({ signal: sum(instances.map((one) => cpuSeconds(one.pid))), redis: cpuSeconds(redisPid) });
  const [messagesBefore, cpuBefore] = [await received(), cpu()];
  const pushes = new Pushes(audience, [publisher], random, { rooms: 0, clients: 0, broadcasts: 0 });
  await pushes.run(rate, pushCount);
  await eventually(
    () => audience.sum((one) => one.open) === 0,
    30_000,
    () => `all pushes; ${audience.sum((one) => one.open)} are not heard`,
  );
  const [messages, cpuAfter] = [(await received()).map((now, n) => now - messagesBefore[n]!), cpu()];
  const wrong =
    audience.unheard().length + audience.sum((one) => one.unordered + one.surplus) + audience.closed().length;
  for (const one of [...tills, publisher]) one.close();
  for (const one of instances) await one.stop();
  if (wrong > 0) throw new Error(`${mode}: ${wrong} frames lost, out of order, twice or misled, or clients closed`);
  const perPush = (total: number) => total / pushCount;
  return [
    mode,
    String(sum(messages)),
    `${Math.min(...messages)}–${Math.max(...messages)}`,
    (perPush(sum(messages)) / instanceCount).toFixed(3),
    (perPush(cpuAfter.signal - cpuBefore.signal) * 1e6).toFixed(0),
    (perPush(cpuAfter.redis - cpuBefore.redis) * 1e6).toFixed(0),
  ];
}

/** Half of the clients at each of two instances, and in each of two processes of clients: a process may hold 20,000
 *  descriptors here. */
async function seatCrowds(place: Place, instances: Instance[]): Promise<Crowd[]> {
  const crowds: Crowd[] = [];
  for (const [half, instance] of instances.entries()) {
    const members = Array.from({ length: Math.ceil((clientCount - half) / 2) }, (_, n) => ({
      user: `user-${half}-${n}`,
      url: instance.ws,
    }));
    const token = async (user: string) => [user, await place.stack.issuer.token({ userId: user })] as const;
    const tokens = Object.fromEntries(await Promise.all(members.map(({ user }) => token(user))));
    crowds.push(await Crowd.connect(members, tokens));
  }
  return crowds;
}

/** Redis is away for a second. Says how many ms after its start it answered, and each instance was connected. */
async function restartRedis(redis: RedisServer, instances: Instance[]): Promise<string> {
  await redis.stop();
  for (const one of instances)
    await eventually(() => one.find((line) => line.event === "bus away"), 10_000, `"bus away"`);
  await Bun.sleep(1_000);
  const began = performance.now();
  await redis.launch();
  const answering = performance.now();
  const connected: number[] = [];
  for (const one of instances) {
    const said = () => one.find((line) => line.event === "bus connected", began);
    connected.push((await eventually(said, 60_000, `"bus connected" after the restart`)).at - began);
  }
  return (
    `"bus connected" ${connected.map(Math.round).join(" and ")} ms after Redis was started ` +
    `(it answered after ${Math.round(answering - began)})`
  );
}

/** Each user and each client hears a push. How many there were. */
async function pushToAll(redis: RedisServer, crowds: Crowd[]): Promise<number> {
  const publisher = await Pipeline.open(redis.port);
  const everyone: { channel: string; message: string }[] = [];
  const push = (type: string, target: string): Entry => {
    const entry = { number: everyone.length + 1, channel: `ws:${type}:${target}` };
    const data = { p: 0, n: entry.number };
    const message = JSON.stringify({ serverId: "emitter", type, target, event: pushed, data });
    everyone.push({ channel: entry.channel, message });
    return entry;
  };
  for (const crowd of crowds)
    await crowd.expect(crowd.members.map(({ user }, n) => [push("user", user), push("client", crowd.ids[n]!)]));
  for (let first = 0; first < everyone.length; first += 500)
    await publisher.publish(everyone.slice(first, first + 500));
  let open = everyone.length;
  const heard = await eventually(
    async () => {
      const all = await Promise.all(crowds.map((one) => one.heard()));
      open = sum(all.map((one) => one.open));
      return open === 0 ? all : undefined;
    },
    20_000,
    () => `a push for each; ${open} of ${everyone.length} are not heard`,
  );
  publisher.close();
  const wrong = sum(heard.map((one) => one.wrong));
  const closed = heard.flatMap((one) => one.closed);
  if (wrong > 0 || closed.length > 0)
    throw new Error(`${wrong} frames twice, out of order or misled; closed: ${closed.join(", ") || "none"}`);
  return everyone.length;
}

async function restart(place: Place, redis: RedisServer): Promise<void> {
  const instances = [await serve(place, "exact", "exact instance 0"), await serve(place, "exact", "exact instance 1")];
  const crowds = await seatCrowds(place, instances);
  const channels = async () => Number(await redis.info("stats", "pubsub_channels"));
  const before = await channels();
  const connected = await restartRedis(redis, instances);
  const after = await channels();
  const pushes = await pushToAll(redis, crowds);

  // Empty: Redis 7.0 does not count them.
  const cut = await redis.info("stats", "client_output_buffer_limit_disconnections");
  const lines = readFileSync(redisLog, "utf8").split("\n");
  const said = lines.filter((line) => line.includes("output buffer limits")).length;
  console.log(
    `bench-bus: exact, ${clientCount} clients at ${instances.length} instances: ${before} channels, ` +
      `after the restart ${after}; ${connected}`,
  );
  console.log(
    `bench-bus: a push to each user and each client after it, all ${pushes} heard; ` +
      `cut for its output buffer: ${said} by the log${cut === "" ? "" : `, ${cut} by INFO`}; ` +
      `largest recent output buffer ${await redis.info("clients", "client_recent_max_output_buffer")} bytes`,
  );
  for (const one of crowds) await one.end();
  for (const one of instances) await one.stop();
  if (Number(cut) > 0 || said > 0) throw new Error("Redis cut a client whose output buffer was over its limit");
  if (after < before) throw new Error(`${before - after} channels were not subscribed again`);
}

const leave = async (code: number) => {
  await Instance.endAll(); // and the Redis
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void leave(130));
let code = 0;
try {
  const redis = await RedisServer.start(["--logfile", redisLog]);
  const stack = await Stack.shared();
  const place = await emptyPlace(stack, redis, "bench", 1);
  const rows = [
    ["mode", "messages received", "by each instance", "by an instance for one push", "Signal µs/push", "Redis µs/push"],
  ];
  for (const mode of ["patterns", "exact"] as const) rows.push(await measure(place, redis, mode));
  console.log(
    `bench-bus: ${instanceCount} instances, ${userCount} users with a client each, ` +
      `${pushCount} pushes to single users at ${rate}/s, seed ${random.seed}, ` +
      `Redis ${await redis.info("server", "redis_version")}`,
  );
  const widths = rows[0]!.map((_, n) => Math.max(...rows.map((row) => row[n]!.length)));
  for (const row of rows) console.log(`  ${row.map((cell, n) => cell.padStart(widths[n]!)).join("  ")}`);
  await restart(place, redis);
} catch (error) {
  console.error(`bench-bus: ${error}`);
  code = 1;
}
await leave(code);
