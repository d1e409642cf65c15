// Every fault of Redis under load: Kafka, rows, local hints and REST go on, health says the truth, and pushes over the
// bus flow again by themselves.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { HealthWatch } from "../harness/health_watch";
import { Instance } from "../harness/instance";
import { eventually, seconds } from "../harness/patience";
import { RedisProxy, type Mode } from "../harness/redis_proxy";
import { RedisServer } from "../harness/redis";
import { envelope, RedisPublisher } from "../harness/redis_publisher";
import { Scene } from "../harness/scene";
import { patience } from "../support/signal";

let redis: RedisServer;
let proxy: RedisProxy;
let scene: Scene;
beforeAll(async () => {
  redis = await RedisServer.start();
  proxy = await RedisProxy.start(redis.port);
  scene = await Scene.open({ redis: proxy, watch: ["u1", "u2"] });
});
afterAll(async () => {
  await Instance.endAll();
  await proxy.end();
  await redis.end();
});

type Fault = {
  name: string;
  begin: () => Promise<unknown> | void;
  seconds: number;
  end: () => Promise<unknown> | void;
  says: RegExp;
  staysConnected?: boolean;
};

/** Until a push of somebody else arrives again; in seconds. */
async function untilPushed(event: string): Promise<number> {
  const till = scene.clients[0]!;
  const began = performance.now();
  const publisher = new RedisPublisher(redis.port);
  await publisher.connect();
  const arrives = async () => {
    await publisher.publish(`ws:user:${till.user}`, envelope("user", till.user, event, 1));
    return till.other.some((frame) => frame.event === event);
  };
  await eventually(arrives, 15_000, () => `a push ${event}; ${scene.first.tail()}`);
  publisher.close();
  return (performance.now() - began) / 1000;
}

/** The fault; Kafka, rows, local hints and REST while it lasts; a push of a producer with a connection of its own after
 *  it. */
async function suffer(fault: Fault): Promise<void> {
  await scene.ready();
  const watch = new HealthWatch(scene.first);
  const began = performance.now();
  await fault.begin();
  const away = () => scene.first.find((line) => line.event === "bus away", began);
  if (!fault.staysConnected) await eventually(away, 8_000, "the loss to be noticed");
  const noticed = (performance.now() - began) / 1000;
  await scene.pulse();
  const headers = { authorization: `Bearer ${scene.clients[0]!.token}` };
  expect((await fetch(`${scene.first.http}/v1/notifications`, { headers })).status).toBe(200);
  await Bun.sleep(Math.max(0, began + fault.seconds * 1000 - performance.now()));
  const before = watch.last();
  await fault.end();
  expect(redis.running).toBe(true);
  const resumed = await untilPushed(`after ${fault.name}`);
  await scene.ready(10_000);
  const { worst } = await watch.stop();
  expect({ live: worst.live, accept: worst.accept }).toEqual({ live: 200, accept: 200 });
  if (!fault.staysConnected) {
    expect(before?.ready).toBe(503);
    expect({ inTime: noticed <= 6.5 * patience, noticed }).toMatchObject({ inTime: true });
  }
  expect({ inTime: resumed <= 6 * patience, resumed }).toMatchObject({ inTime: true });
  if (!scene.warning(fault.says, began)) throw new Error(`no line says ${fault.says}; ${scene.warnings(began)}`);
  console.log(
    `bus: Redis ${fault.name}: noticed after ${noticed.toFixed(1)} s, ` +
      `pushes again ${resumed.toFixed(2)} s after its end, live and accept 200 throughout`,
  );
}

const through = (mode: Mode) => ({
  begin: () => {
    proxy.mode = mode;
    proxy.cut();
  },
  end: () => {
    proxy.mode = "pass";
    proxy.cut();
  },
});
const closed = /closed the connection|reset/;
const silent = /nothing received for 5000 ms/;

const faults: Fault[] = [
  {
    name: "is stopped",
    seconds: seconds(2, 20),
    says: /refused|closed/,
    begin: () => redis.stop(),
    end: () => redis.launch(),
  },
  {
    name: "is paused (SIGSTOP)",
    seconds: seconds(8, 20),
    says: silent,
    begin: () => redis.pause(),
    end: () => redis.resume(),
  },
  { name: "accepts and never answers", seconds: 5, says: /takes longer than 2000 ms/, ...through("mute") },
  {
    name: "is mute on open connections",
    seconds: 8,
    says: silent,
    ...through("mute"),
    begin: () => {
      proxy.mode = "mute";
    },
  },
  { name: "is slow by 300 ms", seconds: 3, says: closed, staysConnected: true, ...through("slow") },
  {
    name: "loses a fifth of its packets",
    seconds: 8,
    says: /bus (connection lost|away)/,
    staysConnected: true,
    ...through("lossy"),
  },
  {
    name: "is cut off in mid-message",
    seconds: 1,
    says: closed,
    staysConnected: true,
    begin: async () => {
      proxy.cutAfter = 30_000;
      const publisher = new RedisPublisher(redis.port);
      await publisher.connect();
      await publisher.publish("ws:user:u1", envelope("user", "u1", "cut", "x".repeat(100_000)));
      publisher.close();
    },
    end: () => expect(scene.clients[0]!.other.some((frame) => frame.event === "cut")).toBe(false),
  },
  {
    name: "cuts off its subscribers",
    seconds: 0,
    says: closed,
    staysConnected: true,
    begin: () => redis.cli("client", "kill", "type", "pubsub"),
    end: () => undefined,
  },
];

for (const fault of faults) {
  test(`while Redis ${fault.name} Kafka, rows, local hints and REST go on, and pushes arrive again afterwards`, () =>
    suffer(fault));
}

test("no client lost its connection by the faults, and every row is there once", async () => {
  expect(scene.clients.map(({ connection, closed }) => [connection, closed])).toEqual(Array(2).fill([1, null]));
  console.log(`bus: after the faults of Redis: ${await scene.close()}`);
});
