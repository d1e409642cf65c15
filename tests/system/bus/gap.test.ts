// What a fault of Redis costs direct pushes: three instances, 300 clients, 30,000 pushes while Redis restarts, and the
// same while a cluster loses a master. The gap runs from the fault until every instance has said `bus connected` again:
// the subscription is confirmed, and a probe through each master has come back. What was still on its way through Redis
// at the fault counts as inside. Outside of it every push arrives once and in order; inside loss and repetition are
// counted.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually, full } from "../harness/patience";
import { RedisCluster, RedisServer } from "../harness/redis";
import { envelope, RedisPublisher } from "../harness/redis_publisher";
import { Scene } from "../harness/scene";
import { patience, slowness } from "../support/signal";

afterEach(() => Instance.endAll());

const clientsPerInstance = 100;
const total = Math.round(30_000 / (full ? 1 : slowness));
const perTick = Math.max(1, Math.round(20 / (full ? 1 : slowness))); // every 10 ms
// what was confirmed so shortly before the fault may not have been forwarded yet: it belongs to the gap
const inFlightMs = 100 * patience;
type Push = { n: number; connection: number; user: string; sent: number; confirmed: number | null };

type Stage = {
  scene: Scene;
  pushes: Push[];
  publisher: RedisPublisher;
  send: (count: number) => Promise<void>;
  run: Promise<void>;
  half: Promise<void>;
};

async function stage(redis: { url: string }, publisherPort: number): Promise<Stage> {
  const scene = await Scene.open({ instances: 3, redis });
  for (const instance of scene.instances) {
    await Promise.all(
      Array.from({ length: clientsPerInstance }, (_, n) =>
        scene.watch(`${instance.name.replace(" ", "-")}-user-${n}`, instance),
      ),
    );
  }
  await scene.ready();
  const publisher = new RedisPublisher(publisherPort);
  await publisher.connect();
  const users = scene.clients.map((client) => client.user);
  const pushes: Push[] = [];
  const send = async (count: number) => {
    if (!publisher.open) await publisher.connect().catch(() => undefined);
    for (let k = 0; k < count && pushes.length < total; ++k) {
      const push: Push = {
        n: pushes.length,
        connection: publisher.connections,
        user: users[(pushes.length * 7919) % users.length]!,
        sent: performance.now(),
        confirmed: null,
      };
      pushes.push(push);
      publisher
        .publish(
          `ws:user:${push.user}`,
          envelope("user", push.user, "push", { n: push.n, connection: push.connection }),
        )
        .then(
          () => {
            push.confirmed = performance.now();
          },
          () => undefined,
        );
    }
  };
  let reachedHalf!: () => void;
  const half = new Promise<void>((resolve) => {
    reachedHalf = resolve;
  });
  const run = (async () => {
    while (pushes.length < total) {
      await send(perTick);
      if (pushes.length >= total / 4) reachedHalf();
      await Bun.sleep(10);
    }
  })();
  return { scene, pushes, publisher, send, run, half };
}

/** When the last instance was connected again. */
async function reconnected(scene: Scene, since: number): Promise<{ at: number; away: number }> {
  const back = await Promise.all(
    scene.instances.map(async (instance) => {
      const away = await eventually(
        () => instance.find((line) => line.event === "bus away", since),
        20_000,
        `${instance.name} to lose the bus`,
      );
      const line = await eventually(
        () => instance.lines.findLast((one) => one.event === "bus connected" && one.at > away.at),
        30_000,
        `${instance.name} to have the bus again`,
      );
      return { at: line.at, away: away.at };
    }),
  );
  return { at: Math.max(...back.map((one) => one.at)), away: Math.min(...back.map((one) => one.away)) };
}

async function judge({ scene, pushes, publisher, run }: Stage, fault: number, end: number): Promise<string> {
  await run;
  const outside = pushes.filter(
    (push) => push.confirmed !== null && (push.confirmed < fault - inFlightMs || push.sent > end),
  );
  const due = new Map<string, Push[]>();
  for (const push of outside) due.set(push.user, [...(due.get(push.user) ?? []), push]);
  const heard = (user: string) =>
    scene.clients
      .find((client) => client.user === user)!
      .other.filter((frame) => frame.event === "push")
      .map((frame) => frame.data.n as number);
  await eventually(
    () =>
      [...due].every(
        ([user, list]) =>
          new Set(heard(user)).size >= list.length || list.every((push) => heard(user).includes(push.n)),
      ),
    20_000,
    "the pushes",
  );
  await Bun.sleep(500);
  const isOutside = new Set(outside.map((push) => push.n));
  let inside = 0,
    lost = 0,
    repeated = 0,
    strangers = 0;
  for (const client of scene.clients) {
    const got = heard(client.user);
    const mine = pushes.filter((push) => push.user === client.user);
    const gotOutside = got.filter((n) => isOutside.has(n));
    // Set equality, no duplicate, and the order of the publisher's connections, all in one.
    expect({ user: client.user, pushes: gotOutside }).toEqual({
      user: client.user,
      pushes: mine.filter((push) => isOutside.has(push.n)).map((push) => push.n),
    });
    const own = new Set(mine.map((push) => push.n));
    strangers += got.filter((n) => !own.has(n)).length;
    for (const push of mine) {
      if (isOutside.has(push.n)) continue;
      ++inside;
      const times = got.filter((n) => n === push.n).length;
      if (times === 0) ++lost;
      repeated += Math.max(0, times - 1);
    }
  }
  expect(strangers).toBe(0);
  expect(outside.length).toBeGreaterThan(total / 2);
  publisher.close();
  await scene.pulse();
  const closing = await scene.close({ live: false });
  return (
    `${outside.length} of ${pushes.length} pushes outside the gap: each heard once and in order by its client; ` +
    `inside: ${inside} sent, ${lost} lost, ${repeated} repeated; ${closing}`
  );
}

test("while Redis restarts under 30,000 pushes, those outside the gap are heard once", async () => {
  const redis = await RedisServer.start();
  const on = await stage(redis, redis.port);
  await on.half;
  const fault = performance.now();
  await redis.stop();
  await Bun.sleep(1_000);
  await redis.launch();
  const up = performance.now();
  const { at } = await reconnected(on.scene, fault);
  const line = await judge(on, fault, at);
  await redis.end();
  expect((at - up) / 1000).toBeLessThanOrEqual(6 * patience);
  console.log(
    `bus: Redis restarted: the gap was ${((at - fault) / 1000).toFixed(2)} s and ended ` +
      `${((at - up) / 1000).toFixed(2)} s after Redis was back; ${line}`,
  );
});

test("while a cluster loses a master under 30,000 pushes, those outside the gap are heard once", async () => {
  const cluster = await RedisCluster.start();
  const masters = await cluster.masters();
  const on = await stage(cluster, masters[0]!.port);
  await on.half;
  const fault = performance.now();
  await masters[1]!.kill();
  const failover = eventually(async () => (await cluster.masters()).length === 3, 30_000, "the failover").then(() =>
    performance.now(),
  );
  const { at } = await reconnected(on.scene, fault);
  const over = await failover;
  const line = await judge(on, fault, at);
  await cluster.end();
  expect((at - over) / 1000).toBeLessThanOrEqual(6 * patience);
  console.log(
    `bus: a cluster's master killed: the gap was ${((at - fault) / 1000).toFixed(2)} s and ended ` +
      `${((at - over) / 1000).toFixed(2)} s after the cluster's own failover; ${line}`,
  );
});
