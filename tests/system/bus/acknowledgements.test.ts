// What clients say that they have: whose rows an `ack` marks as delivered, and how often.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { World } from "../harness/world";
import { explainScene } from "./explain_scene";

let at: Awaited<ReturnType<typeof explainScene>>;
beforeAll(async () => {
  at = await explainScene(new World());
});
afterAll(() => at.end());

const deliveredAt = async (id: string, user: string) => (await at.explain(id, user)).stored.deliveredAt;
/** Three messages to two users of the test's own; the first has a till at the first instance that hears them. */
async function threeMessages(name: string) {
  const [user, other] = [`${name}-1`, `${name}-2`];
  const till = await at.scene.watch(user);
  const ids: string[] = [];
  for (let n = 0; n < 3; ++n)
    ids.push(await at.produce(`${name}${n}`, { recipientScope: "users", recipientIds: [user, other] }));
  await eventually(() => till.heard(`${name}2`), 20_000, "the hints");
  return { user, other, till, ids: ids as [string, string, string] };
}

test("an ack up to a position marks the rows up to it as delivered and no later one", async () => {
  const { user, till, ids } = await threeMessages("position");
  till.send({ event: "ack", data: { upTo: 2 } });
  await at.explained(ids[1], user, "acked");
  expect((await at.explain(ids[0], user)).code).toBe("acked");
  expect((await at.explain(ids[2], user)).code).toBe("pushed");
});

test("an ack by ids from another session counts, and the first time of a row stays", async () => {
  const { user, till, ids } = await threeMessages("session");
  till.send({ event: "ack", data: { ids: [ids[0]] } });
  await at.explained(ids[0], user, "acked");
  const first = await deliveredAt(ids[0], user);
  const again = await at.scene.watch(user, at.scene.instances[1] as Instance);
  again.send({ event: "ack", data: { ids: [ids[0], ids[2]] } });
  await at.explained(ids[2], user, "acked");
  expect(await deliveredAt(ids[0], user)).toBe(first);
});

test("an ack leaves the rows of other users as they are", async () => {
  const { user, other, till, ids } = await threeMessages("others");
  till.send({ event: "ack", data: { ids } });
  await at.explained(ids[2], user, "acked");
  expect(await deliveredAt(ids[0], other)).toBeNull();
  expect((await at.explain(ids[0], other)).code).toBe("offline");
});

test("a row that came by a catch-up is told from a pushed one, and its ack counts", async () => {
  const { other, ids } = await threeMessages("catch-up");
  const b = at.scene.instances[1] as Instance;
  const till = await at.scene.watch(other, b);
  till.close();
  await till.connect(b.ws, { since: 0 });
  await eventually(() => till.heard("catch-up2"), 10_000, "the catch-up");
  expect((await at.explain(ids[0], other)).code).toBe("caught_up");
  till.send({ event: "ack", data: { upTo: till.since } });
  await at.explained(ids[0], other, "acked");
});

test("an ack of something that is no id is ignored and counted", async () => {
  const { till } = await threeMessages("ignored");
  const ignored = async () => (await at.scene.first.metrics()).sum("signal_ignored_messages_total");
  const before = await ignored();
  till.send({ event: "ack", data: { ids: ["x"] } });
  await eventually(async () => (await ignored()) === before + 1, 10_000, "the ignored message to be counted");
});
