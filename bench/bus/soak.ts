// Two instances under steady pushes through one Redis: does anything grow, is anything lost, twice, or out of order?
//   soak.ts MINUTES RATE SUBSCRIPTION, in tests/stack/with; see script/soak
import { Database } from "../../tests/system/harness/database";
import { Instance, type Place } from "../../tests/system/harness/instance";
import { eventually } from "../../tests/system/harness/patience";
import { givenSeed, Random } from "../../tests/system/harness/random";
import { RedisServer } from "../../tests/system/harness/redis";
import { Stack } from "../../tests/system/harness/stack";
import { Pipeline } from "./pipeline";
import { steadyFigures, type Figures } from "./process";
import { Audience, everybodyIn, Pushes } from "./pushes";
import { connectAll, Till } from "./till";
import { Visitors } from "./visitors";

const minutes = Number(process.argv[2]);
const rate = Number(process.argv[3]);
const subscription = process.argv[4]!;
const users = 100; // each with a client at either instance
const rooms = 20;
const publishers = 4;
const visitsPerSecond = 20; // none while figures are taken
const guests = 200; // visitors that are nobody's second client
const mix = { rooms: 0.08, clients: 0.2, broadcasts: 0.001 };
const growth = 1.02; // of the resident memory, from the base minute to the last
const baseMinute = Math.max(1, Math.min(2, minutes - 1)); // by then everything has been used once

const mebibytes = (kib: number) => (kib / 1024).toFixed(1);
const shown = (one: Figures) =>
  `RSS ${mebibytes(one.rssKiB)} MiB, ${one.descriptors} descriptors, ${one.threads} threads`;

const usersIn = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ user: `${name}-${n}`, organizer: String(n % rooms) }));
const longLived = () => ({ exp: Math.floor(Date.now() / 1000) + minutes * 60 + 3_600 });

async function open(stack: Stack, redis: RedisServer): Promise<Instance[]> {
  const place: Place = {
    stack,
    database: await Database.create(stack),
    redis,
    topic: stack.name("soak").replaceAll("_", "."),
    group: stack.name("soak"),
  };
  await stack.kafka.createTopic(place.topic, 2);
  await place.database.addPolicies(
    [...usersIn("user", users), ...usersIn("guest", guests)].map(({ user, organizer }) => ({
      subject: ["User", user],
      target: ["Organizer", organizer],
    })),
  );
  const env = { SIGNAL_LOG_LEVEL: "info", SIGNAL_BUS_SUBSCRIPTION: subscription };
  const instances = [
    await Instance.start(place, { name: "instance 0", env }),
    await Instance.start(place, { name: "instance 1", env }),
  ];
  for (const one of instances)
    await eventually(() => one.count("bus connected") > 0, 10_000, `${one.name} to log "bus connected"`);
  return instances;
}

async function seat(stack: Stack, instances: Instance[], publisher: Pipeline): Promise<Audience> {
  const tills = Array.from({ length: users * 2 }, (_, n) => new Till(`user-${Math.floor(n / 2)}`));
  await connectAll(
    tills,
    (_, n) => instances[n % 2]!.ws,
    (userId) => stack.issuer.token({ userId }, longLived()),
  );
  const members = new Map<string, Till[]>();
  for (const [n, till] of tills.entries()) {
    const room = `org:${Math.floor(n / 2) % rooms}`;
    till.join([room]);
    members.set(room, [...(members.get(room) ?? []), till]);
  }
  await everybodyIn(members, publisher);
  return new Audience(tills, members, publishers);
}

/** Half of them are users that have clients, half are not: with exact subscriptions the bus hears of the latter
 *  alone. */
async function visitors(stack: Stack, instances: Instance[]): Promise<Visitors> {
  const who = usersIn("guest", guests).flatMap((guest, n) => [guest, usersIn("user", users)[n % users]!]);
  return new Visitors(
    await Promise.all(
      who.map(async ({ user, organizer }) => ({
        user,
        room: `org:${organizer}`,
        token: await stack.issuer.token({ userId: user }, longLived()),
      })),
    ),
    instances.map((one) => one.ws),
  );
}

async function soak(stack: Stack, redis: RedisServer): Promise<string[]> {
  const instances = await open(stack, redis);
  const connections = await Promise.all(Array.from({ length: publishers }, () => Pipeline.open(redis.port)));
  const audience = await seat(stack, instances, connections[0]!);
  const passing = await visitors(stack, instances);
  const random = new Random(givenSeed());
  const pushes = new Pushes(audience, connections, random, mix);
  console.log(
    `soak: ${minutes} minutes at ${rate} pushes/s, ${audience.tills.length} clients at ${instances.length} ` +
      `instances (${subscription}), seed ${random.seed}, Redis ${await redis.info("server", "redis_version")}`,
  );
  let failure: unknown = null;
  const flowing = pushes.run(rate).catch((error) => {
    failure = error;
  });
  const began = performance.now();
  const byMinute: Figures[][] = [];
  for (let minute = 1; minute <= minutes && !failure; ++minute) {
    const samples = 11,
      settle = 3_000;
    await passing.come(visitsPerSecond, began + minute * 60_000 - (samples - 1) * 1_000 - settle);
    await Bun.sleep(began + minute * 60_000 - (samples - 1) * 1_000 - performance.now());
    byMinute.push(
      await steadyFigures(
        instances.map((one) => one.pid),
        samples,
      ),
    );
    console.log(
      `soak: minute ${minute}: ${pushes.sent} pushes, ${audience.sum((one) => one.heard)} frames; ${byMinute
        .at(-1)!
        .map((one, n) => `instance ${n}: ${shown(one)}`)
        .join("; ")}`,
    );
  }
  const seconds = (performance.now() - began) / 1000;
  pushes.stop();
  await flowing;
  if (failure) throw failure;
  // counted below
  await eventually(() => audience.sum((one) => one.open) === 0, 10_000, "the last pushes").catch(() => undefined);
  for (const till of audience.tills) if (!till.closed) await till.ping(); // and none too many

  const wrong: string[] = [];
  const demand = (holds: boolean, what: string) => {
    if (!holds) wrong.push(what);
  };
  const unheard = audience.unheard();
  const [unordered, surplus] = [audience.sum((one) => one.unordered), audience.sum((one) => one.surplus)];
  console.log(
    `soak: ${pushes.sent} pushes (${Math.round(pushes.sent / seconds)}/s), ${audience.sum((one) => one.heard)} ` +
      `frames heard in order; ` +
      `not heard ${unheard.reduce((sum, one) => sum + one.by.length, 0)}, late ${unordered}, ` +
      `twice or misled ${surplus}, clients closed ${audience.closed().length}; ${passing.came} visitors, ` +
      `${passing.failed.length} in vain`,
  );
  for (const { number, channel, by } of unheard.slice(0, 5))
    console.log(
      `soak: push ${number} on ${channel} was not heard by ${by.length}: ${by
        .slice(0, 3)
        .map((till) => till.id)
        .join(", ")}`,
    );
  demand(unheard.length === 0 && unordered === 0 && surplus === 0, "frames were lost, out of order, twice or misled");
  demand(audience.closed().length === 0, `clients were closed: ${audience.closed().slice(0, 3).join(", ")}`);
  demand(passing.failed.length === 0, `visitors came in vain: ${passing.failed.slice(0, 3).join(", ")}`);
  demand(pushes.sent >= rate * seconds * 0.95, `the rate was not reached: ${Math.round(pushes.sent / seconds)}/s`);
  for (const [n, instance] of instances.entries()) {
    const base = byMinute[baseMinute - 1]![n]!,
      last = byMinute.at(-1)![n]!;
    console.log(
      `soak: ${instance.name}: minute ${baseMinute} to ${minutes}: RSS ${mebibytes(base.rssKiB)} to ` +
        `${mebibytes(last.rssKiB)} MiB ` +
        `(${((last.rssKiB / base.rssKiB - 1) * 100).toFixed(1)} %), descriptors ${base.descriptors} to ` +
        `${last.descriptors}, threads ${base.threads} to ${last.threads}`,
    );
    demand(last.rssKiB <= base.rssKiB * growth, `${instance.name}: the memory grew`);
    demand(last.descriptors === base.descriptors, `${instance.name}: descriptors`);
    demand(last.threads === base.threads, `${instance.name}: threads`);
    const metrics = await instance.metrics();
    demand(metrics.sum("signal_bus_losses_total") === 0, `${instance.name}: the bus was away`);
  }
  for (const one of [...audience.tills, ...connections]) one.close();
  for (const one of instances) await one.stop();
  return wrong;
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void Instance.endAll().then(() => process.exit(130)));
let wrong: string[] = [];
try {
  wrong = await soak(await Stack.shared(), await RedisServer.start());
} catch (error) {
  wrong.push(String(error));
} finally {
  await Instance.endAll(); // and the Redis
}
for (const one of wrong) console.error(`soak: ${one}`);
process.exit(wrong.length > 0 ? 1 : 0);
