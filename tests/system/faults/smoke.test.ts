// The harness itself: one instance, three tills, poison, and an end in order.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { World } from "../harness/world";

afterEach(() => Instance.endAll());

test("an instance on real Kafka and PostgreSQL stores, pushes, sets poison aside, and ends in order", async () => {
  const world = new World();
  world.join("u1", "Organizer", "o1");
  world.join("u2", "Merchant", "m1", { variant: "group" });
  world.inherit("m1", "Organizer", "o1");
  const scene = await Scene.open({ world, watch: ["u1", "u2", "u3"], dlq: true });
  await scene.pulse();
  const messages = [
    scene.history.good({ recipientScope: "org", organizerId: "o1" }),
    scene.history.good({ recipientScope: "merchant", merchantId: "m1" }),
  ];
  await scene.send([...messages, scene.history.bad("{", 0)]);
  const client = scene.clients[0]!;
  await scene.pulse();
  expect(client.heard(messages[1]!.title!)).toBeDefined();
  // Behind its neighbours' hints.
  await eventually(() => scene.first.count("message can never be handled") === 1, 10_000, "the poison to be handled");
  const metrics = await scene.first.metrics();
  expect(metrics.sum("signal_notifications_total", { outcome: "stored" })).toBe(scene.history.expected.size);
  expect(metrics.sum("signal_poison_total")).toBe(1);
  for (const name of [
    "signal_kafka_lag_messages",
    "signal_oldest_unstored_record_age_seconds",
    "signal_record_to_commit_seconds",
    "signal_record_to_frame_seconds",
  ]) {
    expect({ name, has: metrics.has(name) }).toEqual({ name, has: true });
  }
  expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 200 });
  console.log(`smoke: ${await scene.close({ deadLetters: 1 })}`);
});
