// Two instances under steady pushes through one Redis: does anything grow, is anything lost, twice, or out of order?
//   soak.ts MINUTES RATE SUBSCRIPTION, in tests/stack/with; see script/soak
import { Instance } from "../../tests/system/harness/instance";
import { eventually } from "../../tests/system/harness/patience";
import { emptyPlace } from "../../tests/system/harness/place";
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
  const place = await emptyPlace(stack, redis, "soak", 2);
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

/** Visitors come while pushes flow; the figures of every instance at the end of each minute. */
async function minuteByMinute(
  instances: Instance[],
  passing: Visitors,
  said: () => string,
  going: () => boolean,
): Promise<Figures[][]> {
  const [samples, settle] = [11, 3_000];
  const pids = instances.map((one) => one.pid);
  const began = performance.now();
  const byMinute: Figures[][] = [];
  for (let minute = 1; minute <= minutes && going(); ++minute) {
    const sampling = began + minute * 60_000 - (samples - 1) * 1_000;
    await passing.come(visitsPerSecond, sampling - settle);
    await Bun.sleep(sampling - performance.now());
    const figures = await steadyFigures(pids, samples);
    byMinute.push(figures);
    const ofInstances = figures.map((one, n) => `instance ${n}: ${shown(one)}`).join("; ");
    console.log(`soak: minute ${minute}: ${said()}; ${ofInstances}`);
  }
  return byMinute;
}

/** What is wrong with an instance at the end: its memory, descriptors or threads grew, or the bus was away. */
async function faultsOf(instance: Instance, base: Figures, last: Figures): Promise<string[]> {
  console.log(
    `soak: ${instance.name}: minute ${baseMinute} to ${minutes}: RSS ${mebibytes(base.rssKiB)} to ` +
      `${mebibytes(last.rssKiB)} MiB (${((last.rssKiB / base.rssKiB - 1) * 100).toFixed(1)} %), descriptors ` +
      `${base.descriptors} to ${last.descriptors}, threads ${base.threads} to ${last.threads}`,
  );
  const losses = (await instance.metrics()).sum("signal_bus_losses_total");
  return [
    ...(last.rssKiB <= base.rssKiB * growth ? [] : [`${instance.name}: the memory grew`]),
    ...(last.descriptors === base.descriptors ? [] : [`${instance.name}: descriptors`]),
    ...(last.threads === base.threads ? [] : [`${instance.name}: threads`]),
    ...(losses === 0 ? [] : [`${instance.name}: the bus was away`]),
  ];
}

/** What is wrong with what clients and visitors heard. */
function faultsOfAudience(audience: Audience, passing: Visitors, pushes: Pushes, seconds: number): string[] {
  const unheard = audience.unheard();
  const closed = audience.closed();
  const [unordered, surplus] = [audience.sum((one) => one.unordered), audience.sum((one) => one.surplus)];
  const reached = Math.round(pushes.sent / seconds);
  console.log(
    `soak: ${pushes.sent} pushes (${reached}/s), ${audience.sum((one) => one.heard)} frames heard in order; ` +
      `not heard ${unheard.reduce((sum, one) => sum + one.by.length, 0)}, late ${unordered}, ` +
      `twice or misled ${surplus}, clients closed ${closed.length}; ${passing.came} visitors, ` +
      `${passing.failed.length} in vain`,
  );
  for (const { number, channel, by } of unheard.slice(0, 5)) {
    const some = by.slice(0, 3).map((till) => till.id);
    console.log(`soak: push ${number} on ${channel} was not heard by ${by.length}: ${some.join(", ")}`);
  }
  const whole = unheard.length === 0 && unordered === 0 && surplus === 0;
  return [
    ...(whole ? [] : ["frames were lost, out of order, twice or misled"]),
    ...(closed.length === 0 ? [] : [`clients were closed: ${closed.slice(0, 3).join(", ")}`]),
    ...(passing.failed.length === 0 ? [] : [`visitors came in vain: ${passing.failed.slice(0, 3).join(", ")}`]),
    ...(pushes.sent >= rate * seconds * 0.95 ? [] : [`the rate was not reached: ${reached}/s`]),
  ];
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
  const said = () => `${pushes.sent} pushes, ${audience.sum((one) => one.heard)} frames`;
  const byMinute = await minuteByMinute(instances, passing, said, () => !failure);
  const seconds = (performance.now() - began) / 1000;
  pushes.stop();
  await flowing;
  if (failure) throw failure;
  // counted below
  await eventually(() => audience.sum((one) => one.open) === 0, 10_000, "the last pushes").catch(() => undefined);
  for (const till of audience.tills) if (!till.closed) await till.ping(); // and none too many

  const wrong = faultsOfAudience(audience, passing, pushes, seconds);
  for (const [n, instance] of instances.entries())
    wrong.push(...(await faultsOf(instance, byMinute[baseMinute - 1]![n]!, byMinute.at(-1)![n]!)));
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
