// `nx-signal dev` on a real bus: two such processes show each other's pushes, and neither joins one by accident.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { run } from "../harness/instance";
import { RedisServer } from "../harness/redis";
import { created } from "../support/dev_stage";
import { IgnisClient } from "../support/ignis_client";
import { Signal, until } from "../support/signal";

let redis: RedisServer;
let a: Signal, b: Signal;
let client: IgnisClient; // of u-owner, at the second
beforeAll(async () => {
  redis = await RedisServer.start();
  const flags = ["--redis-url", redis.url, "--unsafe-dev"];
  [a, b] = [await Signal.start({ flags }), await Signal.start({ flags })];
  for (const one of [a, b])
    await until(() => one.logs.some((line) => line.event === "bus connected"), 10_000, "the bus");
  client = await IgnisClient.connect(b.ws, await b.token("u-owner"));
});
afterAll(async () => {
  client.close();
  await a.stop();
  await b.stop();
  await RedisServer.endAll();
});

test("a Redis without --unsafe-dev ends the command with 2 and names the flag", async () => {
  const refused = await run(["dev", "--http-port", "0", "--redis-url", redis.url], {});
  expect(refused).toMatchObject({ code: 2, out: expect.stringContaining("--unsafe-dev") });
});

test("a push that is published at one process arrives at a client of the other", async () => {
  await a.publish("ws:user:u-owner", { serverId: "emitter", type: "user", target: "u-owner", event: "e", data: 1 });
  await client.waitFrame((frame) => frame.event === "e");
  expect(client.frames).toEqual([{ event: "e", data: 1 }]);
});

test("a payment at one process is heard by a client of the other", async () => {
  const json = { scope: "users", recipientIds: ["u-owner"], amount: 1250, title: "Paid" };
  const paid = await a.fetch("/dev/payments", { method: "POST", json });
  expect(paid.status).toBe(202);
  const hint = await client.waitFrame((frame) => frame.event === created, 20_000);
  expect(hint.data).toMatchObject({ type: "payment.success" });
});
