// What operators learn of three instances: one list of all, from each; and a push to the operator's own clients.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Instance as Described, InstanceList, TestPush } from "../../../contracts/types";
import { Instance } from "../harness/instance";
import { ask, idOf } from "../harness/operator";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { RedisListener } from "../harness/redis_listener";
import { connected, operatorsScene } from "./operators_scene";

const path = "/v1/operators/instances";
const push = "/v1/operators/test-push";

let at: Awaited<ReturnType<typeof operatorsScene>>;
let a: Instance, b: Instance, c: Instance;
beforeAll(async () => {
  at = await operatorsScene();
  [a, b, c] = at.scene.instances as [Instance, Instance, Instance];
});
afterAll(async () => {
  await at.scene.close();
  await Instance.endAll();
});

const instancesOf = async (asked: Instance) => (await (await ask(asked, at.boss, path)).json()) as InstanceList;
const one = (list: InstanceList, instance: Instance): Described =>
  list.instances.find(({ id }) => id === idOf(instance))!;

test("each instance lists all of them by id, with their dependencies", async () => {
  const allReady = (list: InstanceList) => list.count === 3 && list.instances.every(({ ready }) => ready);
  for (const asked of at.scene.instances) {
    const list = await eventually(
      async () => {
        const found = await instancesOf(asked);
        return allReady(found) ? found : null;
      },
      20_000,
      "three ready instances",
    );
    expect(list.missing).toBeUndefined();
    expect(list.instances.map(({ id }) => id)).toEqual(at.scene.instances.map(idOf).sort());
    for (const instance of at.scene.instances)
      expect(one(list, instance)).toMatchObject({
        address: instance.address,
        database: "ok",
        kafka: "ok",
        redis: "ok",
        broadcastsOpen: 0,
      });
  }
});

test("the metrics are those of the instance's own page", async () => {
  const tills = [await at.scene.watch("u1", b), await at.scene.watch("u2", b), await at.scene.watch("u3", c)];
  await at.scene.pulse();
  const list = await eventually(
    async () => {
      const found = await instancesOf(a);
      const of = (instance: Instance, name: string) => one(found, instance).metrics[name]!;
      const assigned = at.scene.instances.map((instance) => of(instance, "signal_kafka_assigned_partitions"));
      const all = assigned.reduce((sum, value) => sum + value) === at.scene.partitions;
      return all && at.scene.instances.every((instance, n) => of(instance, "signal_connections") === [0, 2, 1][n])
        ? found
        : null;
    },
    20_000,
    "the connections and partitions of each instance",
  );
  for (const instance of at.scene.instances) {
    const own = await instance.metrics();
    const { metrics, at: read, startedAt } = one(list, instance);
    for (const name of ["signal_connections", "signal_handshakes_total"])
      expect([name, metrics[name]]).toEqual([name, own.sum(name)]);
    expect(Object.keys(metrics)).toContain("signal_kafka_lag_messages");
    expect(read).toBeGreaterThanOrEqual(startedAt);
  }
  for (const till of tills) expect(till.closed).toBeNull();
});

test("the questions and answers on the bus are as documented", async () => {
  const bus = await RedisListener.start((at.scene.place.redis as RedisServer).port); // holds it against contracts/
  await instancesOf(a);
  await eventually(() => bus.channels().includes(`signal:answers:${idOf(a)}`), 5_000, "the answers on the bus");
  bus.end();
});

test("an instance that is stopped is missing, and the others are listed", async () => {
  process.kill(b.pid, "SIGSTOP");
  try {
    const list = await instancesOf(a);
    expect([list.count, list.missing]).toEqual([2, [idOf(b)]]);
    expect(list.instances.map(({ id }) => id)).toEqual([idOf(a), idOf(c)].sort());
  } finally {
    process.kill(b.pid, "SIGCONT");
  }
  await eventually(async () => (await instancesOf(a)).count === 3, 20_000, "the instance to answer again");
});

test("a test push arrives at all clients of the caller, on whichever instance, and at nobody else", async () => {
  const own = [await connected(a, at.boss), await connected(b, at.boss)];
  const other = await at.scene.watch("u9", a);
  const sent = (await (await ask(a, at.boss, push, "POST")).json()) as TestPush;
  expect(sent).toEqual({ id: expect.any(String), event: "observation/signal/test/pushed", userId: "boss" });
  for (const till of own) {
    const heard = () => till.other.filter(({ event }) => event === sent.event);
    await eventually(() => heard().length > 0, 10_000, "the test push");
    expect(heard()).toEqual([{ event: sent.event, data: { id: sent.id, time: expect.any(String) } }]);
  }
  expect(other.other).toEqual([]);
  for (const till of own) till.close();
  const said = () => a.find((line) => line.event === "test push sent" && line.push === sent.id);
  const line = await eventually(said, 5_000, "the line of the push");
  expect(line.operator).toBe("boss");
});

test.each([
  ["GET", path],
  ["POST", push],
])("%s %s is for operators alone: 401 without a token, 403 with a user's", async (method, target) => {
  const user = await at.scene.stack.issuer.token({ userId: "u1", roles: [{ identifier: "100_cashier" }] });
  expect((await ask(b, null, target, method)).status).toBe(401);
  expect((await ask(b, user, target, method)).status).toBe(403);
});

test("without SIGNAL_ADMIN_PAGE there is no operators' page", async () => {
  for (const target of ["/admin", "/admin/main.mjs"]) expect((await fetch(a.http + target)).status).toBe(404);
});
