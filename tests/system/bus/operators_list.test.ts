// What operators see of the clients of three instances: one list, its pages and filters, one client; and who may ask.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Client } from "../../../contracts/types";
import { Instance } from "../harness/instance";
import { ask, idOf, superAdmin } from "../harness/operator";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { RedisListener } from "../harness/redis_listener";
import type { StreamClient } from "../harness/stream_client";
import { clientsPath, connected, operatorsScene, type Page } from "./operators_scene";

let at: Awaited<ReturnType<typeof operatorsScene>>;
let a: Instance, b: Instance, c: Instance;
const tills: StreamClient[] = []; // twelve of users whose ids are texts, u1 with three of them
let numbered: StreamClient; // of the user 5
let user: string; // a token without the operator's role
beforeAll(async () => {
  at = await operatorsScene();
  [a, b, c] = at.scene.instances as [Instance, Instance, Instance];
  for (let n = 0; n < 12; ++n)
    tills.push(await at.scene.watch(n % 4 === 0 ? "u1" : `u${n + 10}`, at.scene.instances[n % 3]!));
  numbered = await connected(b, await at.scene.stack.issuer.token({ userId: 5 }));
  user = await at.scene.stack.issuer.token({ userId: "u1", roles: [{ identifier: "100_cashier" }] });
});
afterAll(async () => {
  numbered.close();
  await at.scene.close();
  await Instance.endAll();
});

test("the list of one instance has the clients of all, in the order of instance and id", async () => {
  const all = await at.list(a, "?limit=100");
  expect(all.count).toBe(13);
  expect(all.missing).toBeUndefined();
  const order = all.clients.map((one) => `${one.instance}/${one.id}`);
  expect(order).toEqual([...order].sort());
  expect(new Set(all.clients.map((one) => one.id))).toEqual(new Set([...tills, numbered].map((till) => till.id)));
  expect(new Set(all.clients.map((one) => one.instance))).toEqual(new Set(at.scene.instances.map(idOf)));
});

test("a client is listed with its user, rooms, address and times", async () => {
  const members = "id userId rooms connectedAt address lastActivityAt queuedBytes instance".split(" ");
  for (const one of (await at.list(a, "?limit=100")).clients) {
    expect(Object.keys(one)).toEqual(members);
    expect(one.rooms).toEqual(["ws-default", "ws-notification", one.id]);
    expect(one.address).toBe("127.0.0.1");
    expect(Math.abs(Date.now() - one.connectedAt)).toBeLessThan(600_000);
  }
});

test("a list without a limit has ten clients", async () => {
  expect((await at.list(b)).clients.length).toBe(10);
});

test("the pages of a list lead through every client once, whichever instance is asked for the next", async () => {
  const seen: Client[] = [];
  let next: string | undefined = "?limit=5";
  for (let n = 0; next; ++n) {
    const response = await at.clients(at.scene.instances[n % 3]!, next);
    const page = (await response.json()) as Page;
    expect(page.count).toBe(13);
    seen.push(...page.clients);
    next = /<[^?]*(\?[^>]*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
  }
  const all = await at.list(a, "?limit=100");
  expect(seen.map((one) => one.id)).toEqual(all.clients.map((one) => one.id));
});

test.each([
  ["a user", "?userId=u1", 3],
  ["a user whose id is a number", "?userId=5", 1],
  ["the network of all", "?address=127.0.0.0%2F8", 13],
  ["an address of nobody", "?address=192.0.2.1", 0],
])("a list by %s has its clients", async (_, query, count) => {
  const page = await at.list(c, query);
  expect(page.count).toBe(count);
  if (query.startsWith("?userId="))
    expect(new Set(page.clients.map((one) => `?userId=${one.userId}`))).toEqual(new Set([query]));
});

test("a list by a room has the client whose own room it is", async () => {
  const page = await at.list(c, `?room=${tills[3]!.id}`);
  expect(page.clients.map((one) => one.id)).toEqual([tills[3]!.id]);
});

test("every instance answers a client of any instance by its id", async () => {
  const listed = (await at.list(a, "?limit=100")).clients.find((one) => one.id === tills[4]!.id)!;
  for (const instance of at.scene.instances) {
    const one = await at.clients(instance, `/${tills[4]!.id}`);
    expect([one.status, await one.json()]).toEqual([200, { ...listed, lastActivityAt: expect.any(Number) }]);
  }
});

test.each(["7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001", "none"])(
  "the client %s, which is nowhere, is answered 404",
  async (id) => {
    expect((await at.clients(a, `/${id}`)).status).toBe(404);
  },
);

test("a question goes out on the operators' channel, and each answer to who asked", async () => {
  const bus = await RedisListener.start((at.scene.place.redis as RedisServer).port); // holds it against contracts/
  for (const instance of at.scene.instances) await at.list(instance);
  const expected = ["signal:operators", ...at.scene.instances.map((one) => `signal:answers:${idOf(one)}`)].sort();
  const channels = () => [...new Set(bus.channels())].sort();
  await eventually(() => channels().length >= expected.length, 5_000, "the answers on the bus");
  expect(channels()).toEqual(expected);
  bus.end();
});

test.each([
  ["GET", ""],
  ["DELETE", "?userId=u1"],
  ["GET", "/ID"],
  ["DELETE", "/ID"],
])("%s %s is for operators alone: 401 without a token, 403 with a user's", async (method, target) => {
  const path = clientsPath + target.replace("ID", tills[0]!.id);
  expect((await ask(b, null, path, method)).status).toBe(401);
  expect((await ask(b, user, path, method)).status).toBe(403);
  expect(tills.every((till) => till.closed === null)).toBe(true);
});

test("a question of a user who is no operator is logged with the user", async () => {
  await at.clients(b, "", user);
  const refused = () => b.find((line) => line.event === "operator route refused" && line.user === "u1");
  await eventually(refused, 5_000, "the line of the refusal");
});

test.each([
  ["GET", "?limit=0", 422],
  ["GET", "?limit=101", 422],
  ["GET", "?address=x", 422],
  ["GET", "?cursor=x", 422],
  ["GET", "?userId=", 422],
  ["DELETE", "", 400],
  ["DELETE", "?userId=u1&room=x", 422],
  ["PUT", "", 404],
])("an operator's %s %s is answered %d", async (method, target, status) => {
  expect((await ask(a, at.boss, clientsPath + target, method)).status).toBe(status);
});

describe("operators list: SIGNAL_ADMIN_CLAIM", () => {
  let claimed: Awaited<ReturnType<typeof operatorsScene>>;
  beforeAll(async () => {
    claimed = await operatorsScene(1, {
      SIGNAL_ADMIN_CLAIM: "isPlatformAdmin",
      SIGNAL_ADMIN_ROLES: "ops,999_super-admin",
    });
  });
  afterAll(() => claimed.scene.close());

  const roles = (identifier: string) => ({ userId: "o", roles: [{ identifier }] });
  test.each<[what: string, status: number, claims: Record<string, unknown>]>([
    ["a role of SIGNAL_ADMIN_ROLES without the claim", 403, superAdmin],
    ["a role of SIGNAL_ADMIN_ROLES and the claim", 200, { ...superAdmin, isPlatformAdmin: true }],
    ["another role of SIGNAL_ADMIN_ROLES and the claim", 200, { ...roles("ops"), isPlatformAdmin: true }],
    ["a role that is not in SIGNAL_ADMIN_ROLES and the claim", 403, { ...roles("cashier"), isPlatformAdmin: true }],
  ])("a token with %s is answered %d", async (_, status, claims) => {
    const { scene, clients } = claimed;
    expect((await clients(scene.first, "", await scene.stack.issuer.token(claims))).status).toBe(status);
  });
});
