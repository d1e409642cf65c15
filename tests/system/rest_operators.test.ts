// The operators' routes of one instance, `nx-signal dev`; bus/operators_*.test.ts has those over several.
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from "bun:test";
import { IgnisClient } from "./support/ignis_client";
import { json } from "./support/rest_stage";
import { Signal } from "./support/signal";

const path = "/v1/socket/websocket/clients";
let signal: Signal;
let boss: string;
let clients: [IgnisClient, IgnisClient, IgnisClient];

beforeAll(async () => {
  signal = await Signal.start();
  boss = await signal.token("boss", { roles: ["999_super-admin"] });
});
afterAll(() => signal.stop());
beforeEach(async () => {
  const connect = async (user: string | number) => IgnisClient.connect(signal.ws, await signal.token(user));
  clients = [await connect("two"), await connect(7), await connect("two")];
});
afterEach(() => {
  for (const client of clients) client.close();
});

const ask = (target: string, method = "GET", token: string | null = boss) =>
  fetch(`${signal.http}${path}${target}`, { method, headers: token ? { authorization: `Bearer ${token}` } : {} });
const idOf = (client: IgnisClient) => client.connected.id as string;

test("who is no operator is answered 403", async () => {
  expect((await ask("", "GET", await signal.token("reader"))).status).toBe(403);
});

test("who has no token is answered 401", async () => {
  expect((await ask("", "GET", null)).status).toBe(401);
});

test("the list has every client in the order of the ids, and no instance is missing", async () => {
  const ids = clients.map(idOf);
  const list = await json(await ask("?limit=100"));
  expect(list.clients.map((one: any) => one.id).filter((id: string) => ids.includes(id))).toEqual([...ids].sort());
  expect(list.clients.find((one: any) => one.id === ids[1]).userId).toBe(7);
  expect(list.missing).toBeUndefined();
});

test("a client is answered by its id", async () => {
  expect((await json(await ask(`/${idOf(clients[0])}`))).userId).toBe("two");
});

test("a client that is disconnected by its id is closed with 4009, and the user's other one is not", async () => {
  expect(await json(await ask(`/${idOf(clients[0])}`, "DELETE"))).toEqual({ count: 1 });
  expect((await clients[0].waitClosed()).code).toBe(4009);
  expect(clients[2].closed).toBeNull();
});

test("a user who is thrown out is closed with 4009 everywhere", async () => {
  const leaver = await IgnisClient.connect(signal.ws, await signal.token("out"));
  const kick = await json(await ask("?userId=out", "DELETE"));
  expect(kick).toEqual({ count: 1, revokedAt: expect.any(Number) });
  expect((await leaver.waitClosed()).code).toBe(4009);
  expect(clients.map((client) => client.closed)).toEqual([null, null, null]);
});

test("a kick that names nobody is answered 400", async () => {
  expect((await ask("", "DELETE")).status).toBe(400);
});
