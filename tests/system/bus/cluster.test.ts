// A Redis Cluster as services use it: WebSocketEmitter and WebSocketServerHelper of npm on the RedisClusterHelper,
// beside two instances, and the loss of a master.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisCluster } from "../harness/redis";
import { Scene } from "../harness/scene";
import { IgnisClient } from "../support/ignis_client";
import { IgnisServer, ignisEmitter, PlainClient } from "../support/ignis_server";
import { patience } from "../support/signal";

afterEach(() => Instance.endAll());

test("the real emitter, the real server and two instances on one cluster, which loses a master", async () => {
  const cluster = await RedisCluster.start();
  const scene = await Scene.open({ instances: 2, redis: cluster });
  const [a, b] = scene.instances as [Instance, Instance];
  for (const instance of scene.instances)
    await eventually(async () => (await instance.health()).ready === 200, 20_000, "ready");
  const ignis = await IgnisServer.start(cluster);
  const u1 = await IgnisClient.connect(a.ws, await scene.stack.issuer.token({ userId: "u1" }));
  const u2 = await IgnisClient.connect(b.ws, await scene.stack.issuer.token({ userId: "u2" }));
  const theirs = await PlainClient.connect(ignis.ws, "u1");
  const { emitter, end } = await ignisEmitter(cluster);
  const frames = () => [u1.frames, u2.frames, theirs.frames].map((list) => list.map((frame) => frame.event));

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
  await eventually(
    () => frames().every((list, n) => list.length >= expected[n]!.length),
    10_000,
    () => `all pushes; ${JSON.stringify(frames())}`,
  );
  await Bun.sleep(300);
  expect(frames().map((list) => list.sort())).toEqual(expected);

  const tills = [await scene.watch("u3", a), await scene.watch("u3", b)];
  const note = scene.note(0, ["u3"]);
  await scene.send([note]);
  await eventually(() => tills.every((till) => till.heard(note.title!)), 20_000, "a hint at both instances");

  // A master is lost; who pushes goes on pushing.
  const since = performance.now();
  await (await cluster.masters())[0]!.kill();
  const failover = eventually(async () => (await cluster.masters()).length === 3, 30_000, "the failover").then(() =>
    performance.now(),
  );
  for (const instance of scene.instances)
    await eventually(
      () => instance.find((line) => line.event === "bus away", since),
      20_000,
      `${instance.name} to notice`,
    );
  const over = await failover;
  for (const instance of scene.instances)
    await eventually(
      async () => (await instance.health()).ready === 200,
      30_000,
      () => `${instance.name} to be ready; ${instance.tail()}`,
    );
  const ready = (performance.now() - over) / 1000;
  expect({ inTime: ready <= 6 * patience, ready }).toMatchObject({ inTime: true });
  // ioredis and its subscriber come back in their own time: the reference is asked for nothing but that they do.
  await eventually(
    async () => {
      await emitter.toUser({ userId: "u2", event: "after the failover", data: 1 });
      return u2.frames.some((frame) => frame.event === "after the failover");
    },
    30_000,
    "a push of the emitter after the failover",
  );
  const after = scene.note(1, ["u3"]);
  await scene.send([after]);
  await eventually(
    () => tills.every((till) => till.heard(after.title!)),
    20_000,
    "a hint at both instances after the failover",
  );

  for (const client of [u1, u2, theirs]) client.close();
  await end();
  await ignis.stop();
  const closing = await scene.close();
  await cluster.end();
  console.log(
    `bus: emitter, IGNIS server and two instances on a cluster: each push once; a master killed: ` +
      `both ready ${ready.toFixed(2)} s after the failover, pushes and hints as before; ${closing}`,
  );
});
