// A Redis Cluster as services use it: WebSocketEmitter and WebSocketServerHelper of npm on the RedisClusterHelper,
// beside two instances, and the loss of a master.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisCluster } from "../harness/redis";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";
import { IgnisClient } from "../support/ignis_client";
import { IgnisServer, ignisEmitter, PlainClient } from "../support/ignis_server";
import { patience } from "../support/signal";

let cluster: RedisCluster;
let scene: Scene;
let ignis: IgnisServer;
let emitting: Awaited<ReturnType<typeof ignisEmitter>>;
let u1: IgnisClient, u2: IgnisClient; // at the first and at the second instance
let theirs: PlainClient; // u1 at the server of npm
let tills: StreamClient[]; // of u3, one at each instance
beforeAll(async () => {
  cluster = await RedisCluster.start();
  scene = await Scene.open({ instances: 2, redis: cluster });
  const [a, b] = scene.instances as [Instance, Instance];
  await scene.ready();
  ignis = await IgnisServer.start(cluster);
  u1 = await IgnisClient.connect(a.ws, await scene.stack.issuer.token({ userId: "u1" }));
  u2 = await IgnisClient.connect(b.ws, await scene.stack.issuer.token({ userId: "u2" }));
  theirs = await PlainClient.connect(ignis.ws, "u1");
  tills = [await scene.watch("u3", a), await scene.watch("u3", b)];
  emitting = await ignisEmitter(cluster);
});
afterAll(async () => {
  for (const client of [u1, u2, theirs]) client.close();
  await emitting.end();
  await ignis.stop();
  await Instance.endAll();
  await cluster.end();
});

/** A notification for u3, heard at both instances. */
async function hint() {
  const note = scene.note(undefined, ["u3"]);
  await scene.send([note]);
  await eventually(() => tills.every((till) => till.heard(note.title!)), 20_000, "a hint at both instances");
}

test("each push of the emitter and of the server of npm arrives once at those whom it is for", async () => {
  const { emitter } = emitting;
  await emitter.toUser({ userId: "u1", event: "user", data: 1 });
  await emitter.toClient({ clientId: u2.connected.id, event: "client", data: null });
  await emitter.toRoom({ room: "ws-default", event: "room", data: [2], exclude: [u1.connected.id] });
  await emitter.broadcast({ event: "all", data: "text" });
  ignis.helper.send({ destination: u2.connected.id, payload: { topic: "from IGNIS", data: 3 } } as never);
  const expected = [
    ["all", "user"],
    ["all", "client", "from IGNIS", "room"],
    ["all", "room", "user"],
  ];
  const events = () => [u1, u2, theirs].map((client) => client.frames.map((frame) => frame.event).sort());
  await eventually(
    () => events().every((list, n) => list.length >= expected[n]!.length),
    10_000,
    () => `all pushes; ${JSON.stringify(events())}`,
  );
  await Bun.sleep(300); // for what should not come
  expect(events()).toEqual(expected);
});

test("a hint is heard at both instances", hint);

test("after the loss of a master both instances are ready again, and pushes and hints arrive", async () => {
  const since = performance.now();
  await (await cluster.masters())[0]!.kill();
  const failover = eventually(async () => (await cluster.masters()).length === 3, 30_000, "the failover");
  for (const one of scene.instances)
    await eventually(() => one.find((line) => line.event === "bus away", since), 20_000, `${one.name} to notice`);
  await failover;
  const over = performance.now();
  await scene.ready(30_000);
  const ready = (performance.now() - over) / 1000;
  expect({ inTime: ready <= 6 * patience, ready }).toMatchObject({ inTime: true });
  // ioredis and its subscriber come back in their own time: the reference is asked for nothing but that they do.
  const event = "after the failover";
  const arrives = async () => {
    await emitting.emitter.toUser({ userId: "u2", event, data: 1 });
    return u2.frames.some((frame) => frame.event === event);
  };
  await eventually(arrives, 30_000, "a push of the emitter after the failover");
  await hint();
  console.log(`bus: a cluster's master killed: both instances ready ${ready.toFixed(2)} s after the failover`);
});

test("at the end every row is there once", async () => {
  console.log(`bus: two instances on a cluster: ${await scene.close()}`);
});
