// How a client keeps its connection: pings, and tokens that are refreshed or expire.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { devStage } from "./support/dev_stage";
import { IgnisClient } from "./support/ignis_client";
import { type Signal, until } from "./support/signal";

const { stage, start, connect } = devStage("--ws-messages-per-second", "0");
let lenient: Signal;
beforeAll(async () => {
  lenient = await start("--ws-token-expiry", "ignore");
});
afterAll(() => lenient.stop());

test.each([
  ["a text", "a"],
  ["a number", 7],
  ["absent", undefined],
])("a ping whose id is %s is answered with a pong with the same id and the time", async (_, id) => {
  const client = await connect("amy");
  client.send({ event: "ping", id });
  const pong = await client.waitFrame((frame) => frame.event === "pong");
  expect(pong.data).toEqual({ ...(id !== undefined && { id }), time: expect.any(String) });
  expect(pong.data.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  client.close();
});

test("a refresh with a token of the same user is answered with the new end", async () => {
  const client = await connect("amy");
  const exp = Math.floor(Date.now() / 1000) + 7200;
  client.send({ event: "refresh", data: { token: await stage.issuer.token({ userId: "amy" }, { exp }) } });
  const refreshed = await client.waitFrame((frame) => frame.event === "refreshed");
  expect(refreshed.data).toEqual({ expiresAt: new Date(exp * 1000).toISOString() });
  client.close();
});

test.each([
  ["with another user's token", () => stage.issuer.token({ userId: "ben" })],
  ["without a token", () => undefined],
  ["with a text that is no token", () => "x"],
])("a refresh %s is answered `Refresh failed`, and the connection stays", async (_, token) => {
  const client = await connect("amy");
  client.send({ event: "refresh", data: { token: await token() } });
  const failed = await client.waitFrame((frame) => frame.event === "error");
  expect(failed).toEqual({ event: "error", data: { message: "Refresh failed" } });
  client.send({ event: "ping" });
  await client.waitFrame((frame) => frame.event === "pong");
  client.close();
});

test("the third failed refresh within a minute closes the connection with 4003", async () => {
  const client = await connect("amy");
  const errors = () => client.frames.filter((frame) => frame.event === "error").length;
  for (let n = 0; n < 2; ++n) client.send({ event: "refresh", data: { token: "x" } });
  await until(() => errors() === 2, 5_000, "two errors");
  expect(client.closed).toBeNull();
  client.send({ event: "refresh", data: { token: "x" } });
  expect(await client.waitClosed()).toEqual({ code: 4003, reason: "Authentication failed" });
});

/** With a token that is over, but within the leeway of 5 s; begun together, since both wait for the same end. */
let expiring: { closes: IgnisClient; stays: IgnisClient };
beforeAll(async () => {
  const shortly = async (at: Signal) => {
    const exp = Math.floor(Date.now() / 1000) - 3;
    return IgnisClient.connect(at.ws, await stage.issuer.token({ userId: "amy" }, { exp }));
  };
  expiring = { stays: await shortly(lenient), closes: await shortly(stage.signal) };
});

test("a connection whose token expires is closed with 4005", async () => {
  expect(await expiring.closes.waitClosed(80_000)).toEqual({ code: 4005, reason: "Token expired" });
});

test("with --ws-token-expiry ignore a connection whose token expires stays open", async () => {
  await expiring.closes.waitClosed(80_000);
  expect(expiring.stays.closed).toBeNull();
  expiring.stays.close();
});
