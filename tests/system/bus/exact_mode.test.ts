// SIGNAL_BUS_SUBSCRIPTION=exact: only what somebody at an instance hears comes to that instance.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { envelope } from "../harness/redis_publisher";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";

let scene: Scene;
let redis: RedisServer;
let u1: StreamClient, u2: StreamClient; // at the first and at the second instance
beforeAll(async () => {
  scene = await Scene.open({ instances: 2, env: { SIGNAL_BUS_SUBSCRIPTION: "exact" } });
  redis = scene.place.redis as RedisServer;
  await scene.ready();
  const [a, b] = scene.instances as [Instance, Instance];
  [u1, u2] = [await scene.watch("u1", a), await scene.watch("u2", b)];
});
afterAll(() => Instance.endAll());

const push = (user: string) => redis.cli("publish", `ws:user:${user}`, envelope("user", user, "e", user));
const received = () =>
  Promise.all(scene.instances.map(async (one) => (await one.metrics()).sum("signal_bus_received_total")));

test("a push comes to the instance that holds its user, and to no other", async () => {
  const before = await received();
  for (const user of ["u1", "u2", "u2", "u3"]) await push(user);
  await eventually(() => u1.other.length === 1 && u2.other.length === 2, 10_000, "the pushes");
  await Bun.sleep(200); // for what should not come
  expect((await received()).map((count, n) => count - before[n]!)).toEqual([1, 2]);
});

test("a hint comes to every instance that holds one of its users", async () => {
  const note = scene.note(0, ["u1", "u2"]);
  await scene.send([note]);
  await eventually(() => scene.clients.every((client) => client.heard(note.title!)), 20_000, "the hint at both");
});

test("after a restart of Redis pushes arrive again", async () => {
  const before = u2.other.length;
  await redis.stop();
  await redis.launch();
  await scene.ready();
  await push("u2");
  await eventually(() => u2.other.length === before + 1, 10_000, "a push after the restart");
});

test("an instance subscribes to the channel of a user who comes, and not to that of one who has gone", async () => {
  const late = await scene.watch("u4");
  await push("u4");
  await eventually(() => late.other.length === 1, 10_000, "a push to who has just come");
  late.close();
  const subscribed = async () => !(await redis.cli("pubsub", "numsub", "ws:user:u4")).endsWith("0");
  await eventually(async () => !(await subscribed()), 10_000, "nobody to subscribe any more");
});

test("at the end every row is there once", async () => {
  console.log(`bus: exact mode: ${await scene.close()}`);
});
