// A Redis that is not there when an instance starts, or that refuses what the instance asks of it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";

let redis: RedisServer;
let scene: Scene;
beforeAll(async () => {
  redis = await RedisServer.start();
  await redis.stop();
  scene = await Scene.open({ redis, watch: ["u1"] });
});
afterAll(() => Instance.endAll());

test("without Redis an instance starts and stores, and it is ready once Redis is there", async () => {
  expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 503 });
  await scene.pulse();
  await redis.launch();
  const back = performance.now();
  await scene.ready(10_000);
  console.log(`bus: Redis absent at boot: ready ${((performance.now() - back) / 1000).toFixed(2)} s after Redis`);
});

test.each<[what: string, says: RegExp, auth: string[], change: string, undo: string]>([
  [
    "wants a password (NOAUTH)",
    /NOAUTH.*SIGNAL_REDIS_URL/,
    ["-a", "no-such-secret"],
    "config set requirepass no-such-secret",
    "config set requirepass",
  ],
  [
    "forbids a channel (NOPERM)",
    /NOPERM.*&ws:room:\*/,
    [],
    "acl setuser default resetchannels &ws:*",
    "acl setuser default allchannels",
  ],
])(
  "when Redis %s, the log says it, rows are stored, and the instance is ready when it no longer does",
  async (...row) => {
    const [, says, auth, change, undo] = row;
    await scene.ready();
    await redis.cli(...change.split(" "));
    const since = performance.now();
    await redis.cli(...auth, "client", "kill", "type", "pubsub");
    await redis.cli(...auth, "client", "kill", "type", "normal");
    await eventually(
      () => scene.first.find((line) => says.test(JSON.stringify(line)), since),
      10_000,
      () => `${says}; ${scene.first.tail()}`,
    );
    expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 503 });
    await scene.pulse();
    await redis.cli(...auth, ...(undo.endsWith("requirepass") ? [...undo.split(" "), ""] : undo.split(" ")));
    await scene.ready(10_000);
  },
);

test("at the end every row is there once", async () => {
  console.log(`bus: after the refusals of Redis: ${await scene.close()}`);
});
