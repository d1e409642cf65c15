// Operators disconnect clients of three instances: one client, or a user whose tokens are refused from then on.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { idOf } from "../harness/operator";
import { eventually } from "../harness/patience";
import { connected, operatorsScene, refused } from "./operators_scene";

const thrownOut = { code: 4009, reason: "Disconnected by operator" };
const aSecond = 1_100; // `iat` has whole seconds
let at: Awaited<ReturnType<typeof operatorsScene>>;
let a: Instance, b: Instance, c: Instance;
beforeAll(async () => {
  at = await operatorsScene();
  [a, b, c] = at.scene.instances as [Instance, Instance, Instance];
});
afterAll(async () => {
  for (const client of at.scene.clients) client.close();
  await at.scene.close({ live: false });
  await Instance.endAll();
});
const token = (userId: string, more: Record<string, unknown> = {}) => at.scene.stack.issuer.token({ userId, ...more });

test("a client of another instance is disconnected by its id, and the user's other client stays", async () => {
  const till = await connected(b, await token("one"));
  const other = await connected(b, await token("one"));
  const gone = await at.kick(a, `/${till.id}`);
  expect([gone.status, await gone.json()]).toEqual([200, { count: 1 }]);
  await eventually(() => till.closed, 10_000, "the close");
  expect(till.closed).toEqual(thrownOut);
  expect((await at.kick(a, `/${till.id}`)).status).toBe(404);
  expect((await at.list(a, "?userId=one")).clients.map((one) => one.id)).toEqual([other.id]);
  other.close();
});

test("a client that was disconnected by its id may come back with its token", async () => {
  const till = await connected(b, await token("back"));
  await at.kick(a, `/${till.id}`);
  await eventually(() => till.closed, 10_000, "the close");
  await till.connect(b.ws);
  till.close();
});

test("a client that is disconnected leaves an audit line at the instance that was asked", async () => {
  const till = await connected(b, await token("line"));
  await at.kick(a, `/${till.id}`);
  const line = await eventually(
    () => a.find((one) => one.event === "disconnected by operator" && one.client === till.id),
    5_000,
    "the audit line",
  );
  expect(line).toMatchObject({ operator: "boss", peer: "127.0.0.1", count: 1, instances: idOf(b) });
  till.close();
});

test("a user who is thrown out is closed on every instance, and a bystander is not", async () => {
  const value = await token("everywhere");
  const tills = [await connected(a, value), await connected(b, value), await connected(c, value)];
  const bystander = await at.scene.watch("bystander", b);
  const kick = await at.kick(c, "?userId=everywhere");
  const { count, missing } = await kick.json();
  expect([kick.status, count, missing]).toEqual([200, 3, undefined]);
  await eventually(() => tills.every((till) => till.closed), 10_000, "all to be closed");
  expect(tills.map((till) => till.closed)).toEqual(Array(3).fill(thrownOut));
  expect(bystander.closed).toBeNull();

  const line = await eventually(
    () => c.find((one) => one.event === "disconnected by operator" && one.user === "everywhere"),
    5_000,
    "the audit line",
  );
  expect(line).toMatchObject({ operator: "boss", peer: "127.0.0.1", count: 3, missing: "" });
  expect(new Set(String(line.instances).split(","))).toEqual(new Set(at.scene.instances.map(idOf)));
});

test("the tokens of before the kick are refused on every instance, those without `iat` included", async () => {
  const [value, timeless] = [await token("before"), await token("before", { iat: undefined })];
  await Bun.sleep(aSecond);
  const began = performance.now();
  await at.kick(c, "?userId=before");
  for (const one of at.scene.instances)
    await eventually(() => refused(one, value), 10_000, `${one.name} to refuse the token`);
  const took = performance.now() - began;
  for (const one of at.scene.instances) expect(await refused(one, timeless)).toBe(true);
  expect((await a.metrics()).sum("signal_tokens_refused_total", { reason: "revoked" })).toBeGreaterThan(0);
  console.log(`operators: ${took.toFixed(0)} ms after a kick every instance had refused the token`);
});

test("a token that is made after the kick is taken, and a refresh with one of before is refused", async () => {
  const old = await token("after");
  await Bun.sleep(aSecond);
  await at.kick(c, "?userId=after");
  await Bun.sleep(aSecond);
  const back = await connected(a, await token("after"));
  expect((await at.list(b, "?userId=after")).count).toBe(1);
  back.send({ event: "refresh", data: { token: old } });
  await eventually(() => back.other.some((frame) => frame.event === "error"), 5_000, "the old token to be refused");
  back.close();
});

test("after a restart of all instances old tokens are refused, and those of after the kick are taken", async () => {
  const old = await token("restarted");
  await Bun.sleep(aSecond);
  await at.kick(c, "?userId=restarted");
  await Bun.sleep(aSecond);
  const fresh = await token("restarted");
  for (const one of at.scene.instances) await one.stop();
  for (const one of at.scene.instances) await one.launch();
  for (const one of at.scene.instances)
    expect({ at: one.name, refused: await refused(one, old) }).toEqual({ at: one.name, refused: true });
  (await connected(b, fresh)).close();
});
