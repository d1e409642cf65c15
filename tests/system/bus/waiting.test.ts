// What an instance has to say while Redis is away: it waits within its bounds, and goes out in order when Redis is
// back.
import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Instance } from "../harness/instance";
import { eventually, seconds } from "../harness/patience";
import { RedisListener } from "../harness/redis_listener";
import { RedisProxy } from "../harness/redis_proxy";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import type { Message } from "../harness/history";
import { patience } from "../support/signal";

afterEach(() => Instance.endAll());

async function cut(proxy: RedisProxy, ...instances: Instance[]): Promise<void> {
  const since = performance.now();
  proxy.mode = "refuse";
  proxy.cut();
  for (const instance of instances)
    await eventually(
      () => instance.find((line) => line.event === "bus away", since),
      8_000,
      `${instance.name} to lose the bus`,
    );
}

/** Two instances that both consume, each with a till of u1 and of u2: first a's, then b's. */
async function pair(proxy: RedisProxy, redisOfB: { url: string }): Promise<Scene> {
  const scene = await Scene.open({ redis: proxy, partitions: 4 });
  await scene.add({ env: { SIGNAL_REDIS_URL: redisOfB.url } });
  await scene.ready();
  for (const instance of scene.instances) for (const user of ["u1", "u2"]) await scene.watch(user, instance);
  await eventually(
    async () => {
      await scene.pulse();
      return scene.instances.every((one) => one.batches().length > 0);
    },
    60_000,
    "both instances to have partitions",
  );
  await eventually(
    () => scene.clients.every((client) => client.since === scene.history.sent.length),
    20_000,
    "all tills to have heard everything so far",
  );
  await lateHintsAreOver(scene);
  return scene;
}

/** Resolves when each instance has had its bus for 6 s: two seconds after `bus connected` it reads what its clients
 *  were not sent, and a hint from there would be no hint of the bus. */
async function lateHintsAreOver(scene: Scene): Promise<void> {
  for (const one of scene.instances) {
    const connected = Math.max(...one.lines.filter((line) => line.event === "bus connected").map((line) => line.at));
    await Bun.sleep(Math.max(0, connected + 6_000 - performance.now()));
  }
}

const lacks = (scene: Scene, notes: Message[]) =>
  scene.clients.map((client) => notes.filter((note) => !client.heard(note.title!)).length);
/** Each note at one of the two tills of each user. */
function halfHeard(scene: Scene, notes: Message[]): boolean {
  const [u1AtA, u2AtA, u1AtB, u2AtB] = lacks(scene, notes) as [number, number, number, number];
  return u1AtA + u1AtB === notes.length && u2AtA + u2AtB === notes.length;
}
function heardOnce(scene: Scene): void {
  for (const client of scene.clients) {
    expect({ user: client.user, hints: client.hints.length }).toEqual({
      user: client.user,
      hints: new Set(client.hints.map((hint) => hint.id)).size,
    });
  }
}
/** The workers of an instance store partitions side by side: order is promised within a partition, not between two. */
function partitionsInOrder(scene: Scene, notes: Message[], from: number): void {
  for (const client of scene.clients) {
    const waited = client.hints.filter((hint) => hint.at >= from);
    for (let partition = 0; partition < scene.partitions; ++partition) {
      const titles = new Set(notes.filter((note) => note.partition === partition).map((note) => note.title));
      const seqs = waited.filter((hint) => titles.has(hint.title)).map((hint) => hint.seq);
      expect({ partition, seqs }).toEqual({ partition, seqs: [...seqs].sort((x, y) => x - y) });
    }
  }
}

test("hints and a mark that wait for Redis are heard once, each partition's in order, after its return", async () => {
  const redis = await RedisServer.start();
  const proxy = await RedisProxy.start(redis.port);
  const scene = await pair(proxy, redis);
  const [a] = scene.instances as [Instance];
  await cut(proxy, a);
  const began = performance.now();
  const notes = Array.from({ length: 60 }, () => scene.note());
  for (const note of notes) await scene.send([note]);
  await eventually(
    () => halfHeard(scene, notes),
    20_000,
    "each hint at the tills beside its consumer, and not yet at the others",
  );
  const marked = await fetch(`${a.http}/v1/notifications/read`, {
    method: "POST",
    headers: { authorization: `Bearer ${scene.clients[0]!.token}`, "content-type": "application/json" },
    body: JSON.stringify({ all: true }),
  });
  expect(marked.status).toBe(200);
  await Bun.sleep(Math.max(0, began + seconds(3, 20) * 1000 - performance.now()));
  const [u1AtA, u2AtA, u1AtB, u2AtB] = lacks(scene, notes) as [number, number, number, number];
  expect({ u1: u1AtA + u1AtB, u2: u2AtA + u2AtB, waiting: Math.min(u1AtB, u2AtB) > 0 }).toEqual({
    u1: notes.length,
    u2: notes.length,
    waiting: true,
  });

  const ended = performance.now();
  proxy.mode = "pass";
  const updated = (n: number) =>
    scene.clients[n]!.other.filter((frame) => frame.event === "observation/signal/notification/updated");
  await eventually(
    () => {
      const [, , u1, u2] = lacks(scene, notes);
      return u1 === 0 && u2 === 0 && updated(2).length > 0;
    },
    15_000,
    "what a has for b's tills",
  );
  const resumed = (performance.now() - ended) / 1000;
  await Bun.sleep(300);
  expect(updated(2)).toEqual(updated(0));
  heardOnce(scene);
  partitionsInOrder(scene, notes, ended);
  // What b had for a's tills found nobody there: it is in the tables.
  expect(lacks(scene, notes)).toEqual([u1AtA, u2AtA, 0, 0]);
  expect({ inTime: resumed <= 6 * patience, resumed }).toMatchObject({ inTime: true });
  const closing = await scene.close();
  await proxy.end();
  await redis.end();
  console.log(
    `bus: ${u1AtB} + ${u2AtB} hints and a mark waited ${((ended - began) / 1000).toFixed(1)} s for Redis and were ` +
      `heard, each once and in its partition's order, ${resumed.toFixed(2)} s after its return; ${closing}`,
  );
});

test("hints that wait while Redis is away from both instances are all heard after each of its returns", async () => {
  const redis = await RedisServer.start();
  const proxy = await RedisProxy.start(redis.port);
  const scene = await pair(proxy, proxy);
  const rounds: string[] = [];
  for (let round = 0; round < seconds(4, 20); ++round) {
    await cut(proxy, ...scene.instances);
    const notes = Array.from({ length: 20 }, () => scene.note());
    for (const note of notes) await scene.send([note]);
    await eventually(
      () => halfHeard(scene, notes),
      20_000,
      "each hint at the tills beside its consumer, and not yet at the others",
    );
    const due = lacks(scene, notes);
    const ended = performance.now();
    proxy.mode = "pass";
    for (const one of scene.instances)
      await eventually(
        () => one.find((line) => line.event === "bus connected", ended),
        10_000,
        `${one.name} to have the bus again`,
      );
    // The gap is over: from here on nothing is lost.
    const marks = [scene.note(0), scene.note(1), scene.note(2), scene.note(3)];
    await scene.send(marks);
    await eventually(() => lacks(scene, marks).every((left) => left === 0), 10_000, "hints after the gap at all tills");
    heardOnce(scene);
    const sum = (list: number[]) => list.reduce((all, one) => all + one, 0);
    // What waited is held until the others have said that they are back.
    await eventually(
      () => sum(lacks(scene, notes)) === 0,
      5_000,
      () => `the hints that waited; ${lacks(scene, notes)} of ${due} are lacking`,
    );
    await lateHintsAreOver(scene);
    rounds.push(`${sum(due)} of ${sum(due)}`);
  }
  const closing = await scene.close();
  await proxy.end();
  await redis.end();
  console.log(
    `bus: Redis away from both instances: of the hints that waited for the other one it heard ${rounds.join(", ")}, ` +
      `and all after the gap; ${closing}`,
  );
});

const recipients = [
  "u1",
  ...Array.from({ length: 1_999 }, (_, n) => `0195a7f0-0000-7000-8000-${String(n).padStart(12, "0")}`),
];

/** 15 notes to 2,000 users while Redis is away: stored, heard here, listed by REST. Resolves with the notes and with
 *  how many MiB the instance has grown by. */
async function burst(scene: Scene): Promise<{ notes: Message[]; grown: number }> {
  const resident = () =>
    Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${scene.first.pid}/status`, "utf8"))![1]) / 1024;
  const till = scene.clients[0]!;
  const before = resident();
  // None so large that its recipients get it in slices beside others.
  const notes = Array.from({ length: 15 }, () => scene.note(0, recipients));
  for (const note of notes) await scene.send([note]);
  await eventually(() => notes.every((note) => till.heard(note.title!)), 30_000, "the local hints");
  const headers = { authorization: `Bearer ${till.token}` };
  expect((await fetch(`${scene.first.http}/v1/notifications`, { headers })).status).toBe(200);
  return { notes, grown: resident() - before };
}

test("of more envelopes than can wait the oldest are dropped and counted, and the newest are published", async () => {
  const redis = await RedisServer.start();
  const listener = await RedisListener.start(redis.port);
  const proxy = await RedisProxy.start(redis.port);
  const scene = await Scene.open({ redis: proxy, watch: ["u1"], env: { SIGNAL_BUS_COMPAT: "true" } });
  await scene.ready();
  await scene.pulse();
  await eventually(() => listener.heard.length === 3, 5_000, "the envelopes of a pulse");
  // One that Redis has not confirmed when the line is cut would wait again, and be dropped as the oldest.
  const confirmed = async () => (await scene.first.metrics()).sum("signal_bus_published_total");
  await eventually(async () => (await confirmed()) === 3, 5_000, "Redis to confirm them");
  listener.heard.length = 0;

  await cut(proxy, scene.first);
  const { notes, grown } = await burst(scene);
  const dropped = async () => (await scene.first.metrics()).sum("signal_bus_dropped_total");
  await eventually(async () => (await dropped()) >= 20_000, 10_000, "the oldest to be dropped");

  proxy.mode = "pass";
  const made = notes.length * recipients.length;
  let counted = 0;
  await eventually(
    async () => listener.heard.length + (counted = await dropped()) === made,
    15_000,
    () =>
      `all ${made} envelopes to be published or counted as dropped; ` +
      `published ${listener.heard.length}, dropped ${counted}; ${scene.first.tail()}`,
  );
  const metrics = await scene.first.metrics();
  const of = (cause: string) => metrics.sum("signal_bus_dropped_total", { cause });
  const causes = Object.fromEntries(["messages", "bytes", "age", "refused"].map((cause) => [cause, of(cause)]));
  expect(causes).toMatchObject({ age: 0, refused: 0 });
  const kept = listener.heard.length;
  expect(kept).toBeLessThanOrEqual(10_000);
  expect(kept).toBeGreaterThan(5_000);
  // The newest: the last notifications' alone.
  const newest = notes.slice(-Math.ceil(kept / recipients.length)).map((note) => note.title!);
  expect(new Set(listener.heard.map((one) => JSON.parse(one.message).data.title))).toEqual(new Set(newest));
  await scene.ready();
  await scene.pulse();
  listener.end();
  const closing = await scene.close();
  await proxy.end();
  await redis.end();
  console.log(
    `bus: ${made} envelopes while Redis was away: ${kept} waited and were published, ` +
      `dropped and counted: ${JSON.stringify(causes)}; resident memory grew by ${grown.toFixed(0)} MiB; ${closing}`,
  );
});
