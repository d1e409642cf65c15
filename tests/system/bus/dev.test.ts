// `nx-signal dev` on a real bus: two such processes show each other's pushes, and neither joins one by accident.
import { afterEach, expect, test } from "bun:test";
import { run } from "../harness/instance";
import { RedisServer } from "../harness/redis";
import { IgnisClient } from "../support/ignis_client";
import { Signal, until } from "../support/signal";

afterEach(() => RedisServer.endAll());

test("two dev processes on one Redis show each other's pushes and hints", async () => {
  const redis = await RedisServer.start();
  const refused = await run(["dev", "--http-port", "0", "--redis-url", redis.url], {});
  expect({ code: refused.code, says: /--unsafe-dev/.test(refused.out) }).toEqual({ code: 2, says: true });

  const flags = ["--redis-url", redis.url, "--unsafe-dev"];
  const [a, b] = [await Signal.start({ flags }), await Signal.start({ flags })];
  for (const one of [a, b])
    await until(() => one.logs.some((line) => line.event === "bus connected"), 10_000, "the bus");
  const client = await IgnisClient.connect(b.ws, await b.token("u-owner"));
  await a.publish("ws:user:u-owner", { serverId: "emitter", type: "user", target: "u-owner", event: "e", data: 1 });
  await until(() => client.frames.length === 1, 10_000, "a push of the other process");
  expect(client.frames).toEqual([{ event: "e", data: 1 }]);

  const paid = await a.fetch("/dev/payments", {
    method: "POST",
    json: { scope: "users", recipientIds: ["u-owner"], amount: 1250, title: "Paid" },
  });
  expect({ status: paid.status, said: await paid.text() }).toMatchObject({ status: 202 });
  await until(() => client.frames.length === 2, 20_000, "a hint of the other process");
  client.close();
  await a.stop();
  await b.stop();
  console.log(
    `bus: two dev processes on one Redis: ${client.frames.length} frames of the other one; without --unsafe-dev exit 2`,
  );
});
