// Hints between instances: who is connected anywhere hears each hint once, and Redis carries few messages for it.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { RedisListener } from "../harness/redis_listener";
import { Scene } from "../harness/scene";

afterEach(() => Instance.endAll());

test("hints reach every instance once, in few messages", async () => {
  const scene = await Scene.open({ instances: 3 });
  const redis = scene.place.redis as RedisServer;
  const [a, b, c] = scene.instances as [Instance, Instance, Instance];
  for (const instance of scene.instances)
    await eventually(async () => (await instance.health()).ready === 200, 20_000, "ready");
  await scene.watch("u1", a);
  await scene.watch("u2", b);
  await scene.watch("u2", a);
  const heard = (title: string) =>
    scene.clients.filter((client) => client.hints.filter((hint) => hint.title === title && hint.live).length === 1)
      .length;
  const bus = await RedisListener.start(redis.port);

  const few = scene.note(0, ["u1", "u2", "u3"]);
  await scene.send([few]);
  await eventually(() => heard(few.title!) === 3, 20_000, "the hint for three at all tills");
  await eventually(() => bus.heard.length === 3, 5_000, "three envelopes");
  expect(bus.channels().sort()).toEqual(["ws:user:u1", "ws:user:u2", "ws:user:u3"]);

  bus.heard.length = 0;
  const nobodyBefore = await Promise.all(
    scene.instances.map(async (one) => (await one.metrics()).sum("signal_bus_messages_total", { outcome: "nobody" })),
  );
  const framesBefore = (await c.metrics()).sum("signal_frames_out_total");
  const published = await redis.published();
  const probes = bus.aside;
  const many = scene.note(1, [
    "u1",
    "u2",
    ...Array.from({ length: 998 }, (_, n) => `0195a7f0-0000-7000-8000-${String(n).padStart(12, "0")}`),
  ]);
  await scene.send([many]);
  await eventually(() => heard(many.title!) === 3, 20_000, "the hint for a thousand at all tills");
  await eventually(() => bus.heard.length >= 1, 5_000, "its message");
  await Bun.sleep(300);
  const messages = (await redis.published()) - published - (bus.aside - probes);
  expect(bus.channels()).toEqual(["signal:users"]);
  expect(messages).toBeLessThanOrEqual(3);
  const nobody = await Promise.all(
    scene.instances.map(async (one) => (await one.metrics()).sum("signal_bus_messages_total", { outcome: "nobody" })),
  );
  expect(nobody[2]! - nobodyBefore[2]! + (c.batches().some((batch) => batch.partition === 1) ? 1 : 0)).toBe(1);
  expect((await c.metrics()).sum("signal_frames_out_total")).toBe(framesBefore);

  // A mark on one instance is heard at the sessions of the others, with the count that it leaves.
  const marked = await fetch(`${c.http}/v1/notifications/read`, {
    method: "POST",
    headers: { authorization: `Bearer ${scene.clients[1]!.token}`, "content-type": "application/json" },
    body: JSON.stringify({ all: true }),
  });
  expect(marked.status).toBe(200);
  const updated = (n: number) =>
    scene.clients[n]!.other.find((frame) => frame.event === "observation/signal/notification/updated");
  await eventually(() => updated(1) && updated(2), 10_000, "the mark at both tills");
  expect(updated(1)).toEqual(updated(2)!);
  expect(updated(1)).toMatchObject({ unread: 0 });
  expect(updated(0)).toBeUndefined();

  bus.end();
  const closing = await scene.close();
  console.log(
    `bus: a notification for 1,000 users on three instances: ${messages} message of Redis' own count; ` +
      `an instance with none of them sent no frame; for three users three envelopes; ${closing}`,
  );
});

test("exact mode: only what somebody here hears comes here", async () => {
  const scene = await Scene.open({ instances: 2, env: { SIGNAL_BUS_SUBSCRIPTION: "exact" } });
  const redis = scene.place.redis as RedisServer;
  const [a, b] = scene.instances as [Instance, Instance];
  for (const instance of scene.instances)
    await eventually(async () => (await instance.health()).ready === 200, 20_000, "ready");
  await scene.watch("u1", a);
  await scene.watch("u2", b);
  const received = async (one: Instance) => (await one.metrics()).sum("signal_bus_received_total");
  const before = await Promise.all([received(a), received(b)]);
  const push = (user: string) =>
    redis.cli(
      "publish",
      `ws:user:${user}`,
      JSON.stringify({ serverId: "emitter", type: "user", target: user, event: "e", data: user }),
    );
  for (const user of ["u1", "u2", "u2", "u3"]) await push(user);
  await eventually(
    () => scene.clients[0]!.other.length === 1 && scene.clients[1]!.other.length === 2,
    10_000,
    "the pushes",
  );
  await Bun.sleep(200);
  expect([(await received(a)) - before[0]!, (await received(b)) - before[1]!]).toEqual([1, 2]);

  const pulse = scene.note(0, ["u1", "u2"]);
  await scene.send([pulse]);
  await eventually(() => scene.clients.every((client) => client.heard(pulse.title!)), 20_000, "the hint at both");
  await redis.stop();
  await redis.launch();
  for (const instance of scene.instances)
    await eventually(async () => (await instance.health()).ready === 200, 20_000, "ready again");
  await push("u2");
  await eventually(() => scene.clients[1]!.other.length === 3, 10_000, "a push after the restart");
  const late = await scene.watch("u4", a);
  await push("u4");
  await eventually(() => late.other.length === 1, 10_000, "a push to who has just come");
  late.close();
  await eventually(
    async () => (await redis.cli("pubsub", "numsub", "ws:user:u4")).endsWith("0"),
    10_000,
    "nobody to subscribe any more",
  );
  console.log(
    `bus: exact mode: one push each came to the instance that holds its user, also after a restart; ` +
      `${await scene.close()}`,
  );
});
