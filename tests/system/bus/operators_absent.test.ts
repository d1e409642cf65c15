// What operators get while an instance does not answer, or while there is no Redis.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { idOf } from "../harness/operator";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { connected, operatorsScene, refused } from "./operators_scene";

afterEach(() => Instance.endAll());

test("an instance that is stopped is named, and carries out a kick when it goes on", async () => {
  const { scene, clients, list, kick } = await operatorsScene();
  const [a, b, c] = scene.instances as [Instance, Instance, Instance];
  const stuck = await connected(b, await scene.stack.issuer.token({ userId: "u1" }));
  await scene.watch("u2", c);
  process.kill(b.pid, "SIGSTOP");
  try {
    const began = performance.now();
    const page = await list(a);
    const took = performance.now() - began;
    expect([page.count, page.missing]).toEqual([1, [idOf(b)]]);
    expect(took).toBeGreaterThan(900);
    const nobody = await clients(c, `/${stuck.id}`);
    expect(nobody.status).toBe(404);
    expect(await nobody.text()).toContain(idOf(b));
    const { count, missing } = await (await kick(c, "?userId=u1")).json();
    expect([count, missing]).toEqual([0, [idOf(b)]]);
    console.log(`operators: with one of three instances stopped the list took ${took.toFixed(0)} ms`);
  } finally {
    process.kill(b.pid, "SIGCONT");
  }
  await eventually(() => stuck.closed, 20_000, "the client of the stopped instance to be closed");
  expect(stuck.closed!.code).toBe(4009);
  stuck.close();
  await scene.close();
});

test("without Redis an instance lists its own clients, and a kick arrives by the database", async () => {
  const { scene, list, kick } = await operatorsScene(2);
  const [a, b] = scene.instances as [Instance, Instance];
  const redis = scene.place.redis as RedisServer;
  const token = await scene.stack.issuer.token({ userId: "u1" });
  const till = await connected(b, token);
  await scene.watch("u2", a);
  await redis.stop();
  for (const one of scene.instances)
    await eventually(async () => (await one.health()).ready === 503, 20_000, "the bus to be away");
  const page = await list(a);
  expect([page.count, page.missing]).toEqual([1, [idOf(b)]]);
  expect((await (await kick(a, "?userId=u1")).json()).missing).toEqual([idOf(b)]);
  await eventually(() => till.closed, 20_000, "the client of the other instance to be closed");
  expect(till.closed!.code).toBe(4009);
  await eventually(() => refused(b, token), 10_000, "the token to be refused there");
  await redis.launch();
  till.close();
  await scene.ready();
  await scene.close();
});
