// Whatever anybody publishes on the channels of an instance: what it relays, what it drops and counts.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { envelope, RedisPublisher } from "../harness/redis_publisher";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";

const most = 262_144; // bytes of a message
const secret = "message-body-4711";
let scene: Scene;
let till: StreamClient; // of u1
let publisher: RedisPublisher;
beforeAll(async () => {
  scene = await Scene.open({ watch: ["u1"] });
  till = scene.clients[0]!;
  await scene.ready();
  publisher = new RedisPublisher((scene.place.redis as RedisServer).port);
  await publisher.connect();
});
afterAll(async () => {
  publisher.close();
  await Instance.endAll();
});

const outcomes = ["relayed", "too_large", "malformed"] as const;
const counted = async () => {
  const metrics = await scene.first.metrics();
  return outcomes.map((outcome) => metrics.sum("signal_bus_messages_total", { outcome }));
};
let marks = 0;
/** What u1 hears of what is published, and how many messages were relayed, too large and malformed. */
async function outcomeOf(publish: () => Promise<unknown>) {
  const before = await counted();
  const heard = till.other.length;
  await publish();
  const mark = `mark ${++marks}`;
  await publisher.publish("ws:user:u1", envelope("user", "u1", mark, 1));
  await eventually(() => till.other.some((frame) => frame.event === mark), 20_000, "the last push");
  const [relayed, tooLarge, malformed] = (await counted()).map((count, n) => count - before[n]!);
  const events = till.other.slice(heard, -1).map((frame) => frame.event);
  return { events, relayed: relayed! - 1, tooLarge, malformed };
}

test("an envelope of exactly the largest size is relayed", async () => {
  const fits = envelope("user", "u1", "fits", "x".repeat(most - envelope("user", "u1", "fits", "").length));
  expect(fits.length).toBe(most);
  expect(await outcomeOf(() => publisher.publish("ws:user:u1", fits))).toEqual({
    events: ["fits"],
    relayed: 1,
    tooLarge: 0,
    malformed: 0,
  });
});

test.each<[what: string, channel: string, message: string]>([
  ["an envelope that is larger", "ws:user:u1", envelope("user", "u1", "too large", "x".repeat(most))],
  ["an envelope of 1 MiB", "ws:user:u1", envelope("user", "u1", "far too large", "x".repeat(1 << 20))],
  ["a message of over 1 MiB for many users", "signal:users", "x".repeat((1 << 20) + 1)],
])("%s is dropped and counted as too large", async (_, channel, message) => {
  const outcome = await outcomeOf(() => publisher.publish(channel, message));
  expect(outcome).toEqual({ events: [], relayed: 0, tooLarge: 1, malformed: 0 });
});

const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const user = (members: string) => `{"serverId":"x","type":"user",${members}}`;
test.each<[what: string, channel: string, message: string | Buffer]>([
  ["is empty", "ws:user:u1", ""],
  ["is not JSON", "ws:user:u1", "not json"],
  ["is null", "ws:user:u1", "null"],
  ["is an array", "ws:user:u1", "[]"],
  ["is a number", "ws:user:u1", "5"],
  ["is a text", "ws:user:u1", '"text"'],
  ["has no members", "ws:user:u1", "{}"],
  ["has no target", "ws:user:u1", user(`"event":"e","data":"${secret}"`)],
  ["is of an unknown type", "ws:user:u1", '{"serverId":"x","type":"planet","target":"u1","event":"e"}'],
  ["has a number for its server", "ws:user:u1", '{"serverId":5,"type":"user","target":"u1","event":"e"}'],
  ["has null for its destination", "ws:user:u1", '{"topic":"t","destination":null}'],
  ["is 10,000 brackets", "ws:user:u1", "[".repeat(10_000)],
  ["has data 10,000 deep", "ws:user:u1", user(`"target":"u1","event":"e","data":${deep(10_000)}`)],
  ["is not UTF-8", "ws:user:u1", Buffer.from(user('"target":"u1","event":"\xff"'), "latin1")],
  ["for many users is not JSON", "signal:users", "not json"],
  [
    "for many users has a lone surrogate",
    "signal:users",
    '{"serverId":"x","recorded":1,"users":["u1",1,1],"hint":{"event":"e","data":"\\ud800"}}',
  ],
])("a message that %s is dropped and counted as malformed", async (_, channel, message) => {
  const outcome = await outcomeOf(() => publisher.publish(channel, message));
  expect(outcome).toEqual({ events: [], relayed: 0, tooLarge: 0, malformed: 1 });
});

/** Publishes `count` messages, 1,000 at once. */
async function publishMany(count: number, one: (n: number) => [channel: string, message: string]) {
  for (let from = 0; from < count; from += 1_000)
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => publisher.publish(...one(from + n))));
}

test("of 2,000 malformed messages at once the log has a line a second, and nothing of their content", async () => {
  const since = performance.now();
  const malformed = user(`"event":"e","data":"${secret}"`);
  const outcome = await outcomeOf(() => publishMany(2_000, () => ["ws:user:u1", malformed]));
  expect(outcome).toEqual({ events: [], relayed: 0, tooLarge: 0, malformed: 2_000 });
  const passed = (performance.now() - since) / 1000;
  const dropped = scene.first.lines.filter((line) => line.event === "bus message dropped" && line.at >= since);
  expect(dropped.length).toBeLessThanOrEqual(1 + Math.ceil(passed));
  checkNoLeaks([scene.first], [secret]);
});

test("the log names the size of a message that is too large", () => {
  const dropped = scene.first.lines.filter((line) => line.event === "bus message dropped");
  expect(dropped.some((line) => line.reason === "too large" && Number(line.bytes) > most)).toBe(true);
});

test("100,000 messages on unknown channels are neither relayed nor counted", async () => {
  const outcome = await outcomeOf(() => publishMany(100_000, (n) => [`ws:other:${n}`, "x"]));
  expect(outcome).toEqual({ events: [], relayed: 0, tooLarge: 0, malformed: 0 });
});

test("20,000 pushes to users who are not connected are heard by nobody else", async () => {
  const outcome = await outcomeOf(() =>
    publishMany(20_000, (n) => [`ws:user:stranger-${n}`, envelope("user", `stranger-${n}`, "e", 1)]),
  );
  expect(outcome).toEqual({ events: [], relayed: 20_000, tooLarge: 0, malformed: 0 });
});

test("an instance that hears of another one with its own id logs an error with both addresses", async () => {
  const redis = scene.place.redis as RedisServer;
  const channels = await eventually(
    () => redis.cli("pubsub", "channels", "signal:probe:*"),
    5_000,
    "its probe channel",
  );
  const id = channels.split(":").at(-1)!;
  await redis.cli("publish", "signal:instances", JSON.stringify({ id, address: "10.0.0.9:3000", started: 1 }));
  const said = (line: { event: string }) => line.event.startsWith("two instances have the same id");
  const line = await eventually(() => scene.first.find(said), 5_000, "the error");
  expect(line).toMatchObject({ level: "error", id, other: "10.0.0.9:3000" });
});

test("at the end hints are heard, and every row is there once", async () => {
  await scene.pulse();
  console.log(`bus: after messages of every kind: ${await scene.close()}`);
});
