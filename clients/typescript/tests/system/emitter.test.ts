// The emitter beside the real WebSocketEmitter of npm, as Redis hands on what both publish.
import { expect, test } from "bun:test";
import { Redis } from "ioredis";
import { RedisListener } from "../../../../tests/system/harness/redis_listener";
import { RedisServer } from "../../../../tests/system/harness/redis";
import { ignisEmitter } from "../../../../tests/system/support/ignis_server";
import { until } from "../../../../tests/system/support/signal";
import { createEmitter } from "../../packages/producer/src/index";

test("every kind of push is byte for byte that of the reference", async () => {
  const redis = await RedisServer.start();
  const listener = await RedisListener.start(redis.port);
  const theirs = await ignisEmitter(redis.port);
  const connection = new Redis(redis.port, "127.0.0.1");
  const ours = createEmitter(connection);
  const client = "7b1082a6-7ce6-4680-b314-f038084d2acf";
  const values: unknown[] = [
    undefined,
    null,
    0,
    12.5,
    "",
    'Zażółć " \\ / \u2028 \u0007 😀',
    [1, [2]],
    { b: 1, a: { undefined, nothing: null } },
    new Date(0),
    Number.NaN,
    "\ud83d",
  ];
  let sent = 0;
  for (const data of values) {
    for (const emitter of [theirs.emitter, ours]) {
      await emitter.toUser({ userId: "u1", event: "e/1", data } as never);
      await emitter.toUser({ userId: 5, event: "", data } as never);
      await emitter.toClient({ clientId: client, event: "e", data } as never);
      await emitter.toRoom({ room: "merchant:m1", event: "e", data } as never);
      await emitter.toRoom({ room: "r", event: "e", data, exclude: [client] } as never);
      await emitter.toRoom({ room: "r", event: "e", data, exclude: [] } as never);
      await emitter.broadcast({ event: "e", data } as never);
    }
    sent += 7;
  }
  await until(() => listener.heard.length === 2 * sent, 10_000, `${2 * sent} messages, ${listener.heard.length} came`);
  for (let at = 0; at < listener.heard.length; at += 14)
    expect(listener.heard.slice(at + 7, at + 14)).toEqual(listener.heard.slice(at, at + 7));
  connection.disconnect();
  await theirs.end();
  listener.end();
  await redis.end();
});
