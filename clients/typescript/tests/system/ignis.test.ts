// The client on the service that Signal replaces: a real server of @venizia/ignis-helpers, with its encryption and
// without anything that Signal has added.
import { expect, test } from "bun:test";
import { RedisServer } from "../../../../tests/system/harness/redis";
import { IgnisServer, ignisEmitter } from "../../../../tests/system/support/ignis_server";
import { Issuer } from "../../../../tests/system/support/issuer";
import { until } from "../../../../tests/system/support/signal";
import { App } from "../support/app";

test("handshake, hints without seq, pushes and rooms work, and nothing else is waited for", async () => {
  const [redis, issuer] = [await RedisServer.start(), await Issuer.start()];
  const server = await IgnisServer.startEncrypted(redis.port, issuer.url);
  const { emitter, end } = await ignisEmitter(redis.port);
  const one = new App({
    url: server.ws.replace(/^ws/, "http"),
    user: "u1",
    token: () => issuer.token({ userId: "u1" }),
    sealed: false,
    pingEveryMs: 300,
    pongWithinMs: 300,
  });
  one.client.start();
  await one.waitState("live");
  const heard: unknown[] = [];
  one.client.topic("sale/order/paid", (data) => heard.push(data));
  one.client.join("merchant:m1");
  const hint = {
    userId: "u1",
    event: "observation/signal/notification/created",
    data: { id: "n1", title: "from IGNIS" },
  };
  await emitter.toUser(hint);
  await emitter.toUser(hint);
  await until(
    async () => {
      await emitter.toRoom({ room: "merchant:m1", event: "sale/order/paid", data: { id: "o1" } });
      return heard.length > 0;
    },
    10_000,
    "a push to the room",
  );
  await Bun.sleep(1_200); // four pings that nobody answers
  expect([one.client.status.state, one.statuses.map(({ state }) => state), one.heard, heard[0]]).toEqual([
    "live",
    ["connecting", "live"],
    ["from IGNIS"],
    { id: "o1" },
  ]);
  expect(one.notifications.map(({ live }) => live)).toEqual([true]);
  // It has no rows.
  expect(new Set(one.errors.map(({ code, status }) => `${code} ${status}`))).toEqual(new Set(["rest 404"]));
  one.client.stop();
  await end();
  await server.stop();
  issuer.stop();
  await redis.end();
});
