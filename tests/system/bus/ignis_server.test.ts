// A WebSocketServerHelper of npm @venizia/ignis-helpers and Signal with SIGNAL_BUS_COMPAT on one Redis: each serves
// what the other publishes.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import type { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { IgnisClient, type Frame } from "../support/ignis_client";
import { IgnisServer, ignisEmitter, PlainClient } from "../support/ignis_server";
import { until } from "../support/signal";

let scene: Scene;
let ignis: IgnisServer;
let mine: IgnisClient, theirs: PlainClient; // u1 at Signal, u1 at the server of npm
beforeAll(async () => {
  scene = await Scene.open({ env: { SIGNAL_BUS_COMPAT: "true" } });
  await scene.ready();
  ignis = await IgnisServer.start((scene.place.redis as RedisServer).port);
  mine = await IgnisClient.connect(scene.first.ws, await scene.stack.issuer.token({ userId: "u1" }));
  theirs = await PlainClient.connect(ignis.ws, "u1");
});
afterAll(async () => {
  mine.close();
  theirs.close();
  await ignis.stop();
  await Instance.endAll();
});

const of = (client: { frames: Frame[] }, event: string) => client.frames.filter((frame) => frame.event === event);
const created = "observation/signal/notification/created";
const updated = "observation/signal/notification/updated";

test("a push of an emitter to a user is heard at both", async () => {
  const { emitter, end } = await ignisEmitter((scene.place.redis as RedisServer).port);
  await emitter.toUser({ userId: "u1", event: "both", data: 1 });
  await until(() => of(mine, "both").length === 1 && of(theirs, "both").length === 1, 10_000, "a push at both");
  expect([of(mine, "both"), of(theirs, "both")]).toEqual(Array(2).fill([{ event: "both", data: 1 }]));
  await end();
});

// Its send() publishes the type room, also for a client's id.
test.each([
  ["to a client of Signal is heard by that client alone", "to your client", () => mine.connected.id, false],
  ["to a room is heard at both", "to your room", () => "ws-notification", true],
  ["to all is heard at both", "to everyone", () => undefined, true],
])("a send of the npm server %s", async (_, event, destination, both) => {
  ignis.helper.send({ destination: destination(), payload: { topic: event, data: { n: 1 } } } as never);
  await until(() => of(mine, event).length === 1, 10_000, `the push; ${JSON.stringify(mine.frames)}`);
  if (both) await until(() => of(theirs, event).length === 1, 10_000, "the push at the npm server's client");
  expect(of(mine, event)).toEqual([{ event, data: { n: 1 } }]);
  expect(of(theirs, event)).toEqual(both ? [{ event, data: { n: 1 } }] : []);
});

test("a hint is heard at both, for few users and for many", async () => {
  const others = Array.from({ length: 30 }, (_, n) => `other-${n}`);
  await scene.send(
    [["u2"], others].map((more) => scene.history.good({ recipientScope: "users", recipientIds: ["u1", ...more] })),
  );
  await until(() => [mine, theirs].every((one) => of(one, created).length === 2), 20_000, "the hints at both");
  // The reference takes `event` and `data` alone; ours has the siblings as well.
  const byTitle = (frames: Frame[]) =>
    frames.map(({ event, data }) => ({ event, data })).sort((x, y) => x.data.title.localeCompare(y.data.title));
  expect(byTitle(of(theirs, created))).toEqual(byTitle(of(mine, created)));
  const numbers = of(mine, created).map(({ seq, unread }) => ({ seq, unread }));
  expect(numbers.sort((x, y) => x.seq - y.seq)).toEqual([
    { seq: 1, unread: 1 },
    { seq: 2, unread: 2 },
  ]);
});

test("a mark as read is heard at both", async () => {
  const marked = await fetch(`${scene.first.http}/v1/notifications/read`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await scene.stack.issuer.token({ userId: "u1" })}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ all: true }),
  });
  expect(marked.status).toBe(200);
  await until(() => [mine, theirs].every((one) => of(one, updated).length === 1), 10_000, "the mark at both");
  expect(of(theirs, updated)[0]!.data).toEqual(of(mine, updated)[0]!.data);
});

test("at the end every row is there once", async () => {
  console.log(`bus: WebSocketServerHelper and Signal on one Redis: ${await scene.close()}`);
});
