// Hints between instances: who is connected anywhere hears each hint once, and Redis carries few messages for it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { RedisListener } from "../harness/redis_listener";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";

let scene: Scene;
let redis: RedisServer;
let bus: RedisListener;
let b: Instance, c: Instance; // of three; no till is at the last
let u1: StreamClient, u2: StreamClient, u2AtFirst: StreamClient;
beforeAll(async () => {
  scene = await Scene.open({ instances: 3 });
  redis = scene.place.redis as RedisServer;
  [, b, c] = scene.instances as [Instance, Instance, Instance];
  await scene.ready();
  u1 = await scene.watch("u1");
  u2 = await scene.watch("u2", b);
  u2AtFirst = await scene.watch("u2");
  bus = await RedisListener.start(redis.port);
});
afterAll(async () => {
  bus.end();
  await Instance.endAll();
});

/** Sends one message; resolves when each till has heard it live once. */
async function hint(recipients: string[]) {
  const note = scene.note(undefined, recipients);
  await scene.send([note]);
  const once = (till: StreamClient) => till.hints.filter((one) => one.title === note.title && one.live).length === 1;
  await eventually(() => scene.clients.every(once), 20_000, "the hint at all tills");
  return note;
}

test("a hint for three users is three envelopes on Redis", async () => {
  bus.heard.length = 0;
  await hint(["u1", "u2", "u3"]);
  await eventually(() => bus.heard.length === 3, 5_000, "three envelopes");
  expect(bus.channels().sort()).toEqual(["ws:user:u1", "ws:user:u2", "ws:user:u3"]);
});

test("a hint for a thousand users is few messages, and an instance with none of them sends no frame", async () => {
  bus.heard.length = 0;
  const nobodyAt = async (one: Instance) =>
    (await one.metrics()).sum("signal_bus_messages_total", { outcome: "nobody" });
  const frames = async () => (await c.metrics()).sum("signal_frames_out_total");
  const [nobodyBefore, framesBefore] = [await nobodyAt(c), await frames()];
  const published = await redis.published();
  const probes = bus.aside;
  const others = Array.from({ length: 998 }, (_, n) => `0195a7f0-0000-7000-8000-${String(n).padStart(12, "0")}`);
  const { partition } = await hint(["u1", "u2", ...others]);
  await eventually(() => bus.heard.length >= 1, 5_000, "its message");
  await Bun.sleep(300); // for what should not come
  const messages = (await redis.published()) - published - (bus.aside - probes);
  expect(bus.channels()).toEqual(["signal:users"]);
  expect(messages).toBeLessThanOrEqual(3);
  // What an instance consumed itself does not come to it over the bus.
  const consumed = c.batches().some((batch) => batch.partition === partition) ? 1 : 0;
  expect((await nobodyAt(c)) - nobodyBefore + consumed).toBe(1);
  expect(await frames()).toBe(framesBefore);
  console.log(`bus: a notification for 1,000 users on three instances: ${messages} message of Redis' own count`);
});

test("a mark at one instance is heard at the user's sessions at the others, with the unread count", async () => {
  await hint(["u1", "u2"]);
  const marked = await fetch(`${c.http}/v1/notifications/read`, {
    method: "POST",
    headers: { authorization: `Bearer ${u2.token}`, "content-type": "application/json" },
    body: JSON.stringify({ all: true }),
  });
  expect(marked.status).toBe(200);
  const updated = (till: StreamClient) =>
    till.other.find((frame) => frame.event === "observation/signal/notification/updated");
  await eventually(() => updated(u2) && updated(u2AtFirst), 10_000, "the mark at both tills");
  expect(updated(u2)).toEqual(updated(u2AtFirst)!);
  expect(updated(u2)).toMatchObject({ unread: 0 });
  expect(updated(u1)).toBeUndefined();
});

test("at the end every row is there once", async () => {
  console.log(`bus: hints between three instances: ${await scene.close()}`);
});
