// What exact mode saves, and whether it comes back: many instances under pushes to single users in both modes, then one exact instance with many
// clients while Redis is restarted.   modes.ts INSTANCES USERS PUSHES CLIENTS, in tests/stack/with; see script/bench-bus
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../tests/system/harness/database";
import { Instance, type Place } from "../../tests/system/harness/instance";
import { eventually } from "../../tests/system/harness/patience";
import { givenSeed, Random } from "../../tests/system/harness/random";
import { Stack } from "../../tests/system/harness/stack";
import { cpuSeconds } from "./process";
import { Audience, Pushes } from "./pushes";
import { RedisConnection, RedisServer } from "./redis";
import { connectAll, Till } from "./till";

type Mode = "patterns" | "exact";
const [instanceCount, userCount, pushCount, clientCount] = process.argv.slice(2).map(Number) as [number, number, number, number];
const rate = 1_000;               // pushes a second: twenty times as many messages in pattern mode
const random = new Random(givenSeed());
const folder = mkdtempSync(join(tmpdir(), "signal-bench-"));
let databases = 0;

/** One worker, an SQLite file and a consumer group of its own. */
async function serve(place: Place, redis: RedisServer, mode: Mode, name: string): Promise<Instance> {
  const env = { SIGNAL_DATABASE_URL: `sqlite:${folder}/${++databases}.sqlite`, SIGNAL_KAFKA_GROUP_ID: place.stack.name("bench"), SIGNAL_WORKERS: "1",
    SIGNAL_REDIS_URL: redis.url, SIGNAL_BUS_SUBSCRIPTION: mode, SIGNAL_LOG_LEVEL: "info" };
  const instance = await Instance.start(place, { name, env });
  await eventually(() => instance.count("bus connected") > 0, 10_000, `${name} to log "bus connected"`);
  return instance;
}

const sum = (values: number[]) => values.reduce((total, one) => total + one, 0);

async function measure(place: Place, redis: RedisServer, mode: Mode): Promise<string[]> {
  const instances: Instance[] = [];
  for (let n = 0; n < instanceCount; ++n) instances.push(await serve(place, redis, mode, `instance ${n}`));
  const tills = Array.from({ length: userCount }, (_, n) => new Till(`user-${n}`));
  await connectAll(tills, (_, n) => instances[n % instanceCount]!.ws, (userId) => place.stack.issuer.token({ userId }));
  const audience = new Audience(tills, new Map(), 1);
  const publisher = await RedisConnection.open(redis.port);
  const received = () => Promise.all(instances.map(async (one) => (await one.metrics()).sum("signal_bus_received_total")));
  const cpu = () => ({ signal: sum(instances.map((one) => cpuSeconds(one.pid))), redis: cpuSeconds(redis.pid) });
  const [messagesBefore, cpuBefore] = [await received(), cpu()];
  const pushes = new Pushes(audience, [publisher], random, { rooms: 0, clients: 0, broadcasts: 0 });
  await pushes.run(rate, pushCount);
  await eventually(() => audience.sum((one) => one.open) === 0, 30_000, () => `all pushes; ${audience.sum((one) => one.open)} are not heard`);
  const [messages, cpuAfter] = [(await received()).map((now, n) => now - messagesBefore[n]!), cpu()];
  const wrong = audience.sum((one) => one.lost + one.surplus) + audience.closed().length;
  for (const one of [...tills, publisher]) one.close();
  for (const one of instances) await one.stop();
  if (wrong > 0) throw new Error(`${mode}: ${wrong} frames lost, out of order, twice or misled, or clients closed`);
  const perPush = (total: number) => total / pushCount;
  return [mode, String(sum(messages)), `${Math.min(...messages)}–${Math.max(...messages)}`, (perPush(sum(messages)) / instanceCount).toFixed(3),
    (perPush(cpuAfter.signal - cpuBefore.signal) * 1e6).toFixed(0), (perPush(cpuAfter.redis - cpuBefore.redis) * 1e6).toFixed(0)];
}

async function restart(place: Place, redis: RedisServer): Promise<void> {
  const instance = await serve(place, redis, "exact", "exact instance");
  const tills = Array.from({ length: clientCount }, (_, n) => new Till(`user-${n}`));
  await connectAll(tills, () => instance.ws, (userId) => place.stack.issuer.token({ userId }));
  const channels = async () => Number((await redis.info("stats")).get("pubsub_channels"));
  const before = await channels();

  await redis.end();
  await eventually(() => instance.find((line) => line.event === "bus away"), 10_000, `"bus away"`);
  await Bun.sleep(1_000);
  const began = performance.now();
  await redis.launch();
  const answering = performance.now();
  const connected = await eventually(() => instance.find((line) => line.event === "bus connected", began), 60_000, `"bus connected" after the restart`);
  const after = await channels();

  // Each user and each client hears a push again.
  const audience = new Audience(tills, new Map(), 1);
  const publisher = await RedisConnection.open(redis.port);
  const everyone = tills.flatMap((till, n) => [
    ["PUBLISH", `ws:user:${till.user}`, JSON.stringify({ serverId: "emitter", type: "user", target: till.user, event: "bench/push", data: { p: 0, n: 2 * n + 1 } })],
    ["PUBLISH", `ws:client:${till.id}`, JSON.stringify({ serverId: "emitter", type: "client", target: till.id, event: "bench/push", data: { p: 0, n: 2 * n + 2 } })],
  ]);
  for (const [n, till] of tills.entries()) for (const number of [2 * n + 1, 2 * n + 2]) audience.ledgers.get(till)!.expect(0, number);
  for (let first = 0; first < everyone.length; first += 500) await Promise.all(publisher.pipeline(everyone.slice(first, first + 500)));
  await eventually(() => audience.sum((one) => one.open) === 0, 20_000, () => `a push for each; ${audience.sum((one) => one.open)} of ${everyone.length} are not heard`);

  const cut = (await redis.info("stats")).get("client_output_buffer_limit_disconnections");   // newer than Redis 7.0
  const said = redis.log.split("\n").filter((line) => line.includes("output buffer limits")).length;
  const buffers = await redis.info("clients");
  console.log(`bench-bus: exact, ${clientCount} clients at one instance: ${before} channels, after the restart ${after}; "bus connected" ` +
    `${Math.round(connected.at - began)} ms after Redis was started (it answered after ${Math.round(answering - began)}), ${instance.count("bus connected") - 1} time(s)`);
  console.log(`bench-bus: a push to each user and each client after it, all ${everyone.length} heard; cut for its output buffer: ${said} by the log` +
    `${cut === undefined ? "" : `, ${cut} by INFO`}; largest recent output buffer ${buffers.get("client_recent_max_output_buffer")} bytes`);
  for (const one of [...tills, publisher]) one.close();
  await instance.stop();
  if (Number(cut ?? 0) > 0 || said > 0) throw new Error("Redis cut a client whose output buffer was over its limit");
  if (after < before) throw new Error(`${before - after} channels were not subscribed again`);
}

let redis: RedisServer | null = null;
let code = 0;
try {
  redis = await RedisServer.start();
  const stack = await Stack.shared();
  const place: Place = { stack, database: await Database.create(stack), topic: stack.name("bench").replaceAll("_", "."), group: stack.name("bench") };
  await stack.kafka.createTopic(place.topic, 1);
  const rows = [["mode", "messages received", "by each instance", "by an instance for one push", "Signal µs/push", "Redis µs/push"]];
  for (const mode of ["patterns", "exact"] as const) rows.push(await measure(place, redis, mode));
  console.log(`bench-bus: ${instanceCount} instances, ${userCount} users with a client each, ${pushCount} pushes to single users at ${rate}/s, seed ${random.seed}, Redis ${(await redis.info("server")).get("redis_version")}`);
  for (const row of rows) console.log(`  ${row.map((cell, n) => cell.padEnd(rows[0]![n]!.length)).join("  ")}`);
  await restart(place, redis);
} catch (error) {
  console.error(`bench-bus: ${error}`);
  code = 1;
} finally {
  await Instance.endAll();
  await redis?.remove();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(code);
