// Producers and servers that exist: the WebSocketEmitter and the WebSocketServerHelper of npm @venizia/ignis-helpers on
// one Redis with `nx-signal serve`.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { IgnisClient, type Frame } from "../support/ignis_client";
import { IgnisServer, ignisEmitter, PlainClient } from "../support/ignis_server";
import { until } from "../support/signal";

afterEach(() => Instance.endAll());

const room = (id: string) => `org:${id}`;

test("the real WebSocketEmitter drives two instances unchanged", async () => {
  const scene = await Scene.open({ instances: 2 });
  await scene.database.addPolicies([
    { subject: ["User", "u1"], target: ["Organizer", "o1"] },
    { subject: ["User", "u2"], target: ["Organizer", "o1"] },
  ]);
  const [a, b] = scene.instances as [Instance, Instance];
  const token = (userId: string | number) => scene.stack.issuer.token({ userId });
  const u1 = await IgnisClient.connect(a.ws, await token("u1"));
  const u1too = await IgnisClient.connect(b.ws, await token("u1"));
  const u2 = await IgnisClient.connect(b.ws, await token("u2"));
  const five = await IgnisClient.connect(b.ws, await token(5));
  const all = [u1, u1too, u2, five];
  await until(
    async () => (await a.health()).ready === 200 && (await b.health()).ready === 200,
    10_000,
    "both instances ready",
  );
  u1.send({ event: "join", data: { rooms: [room("o1")] } });
  u2.send({ event: "join", data: { rooms: [room("o1")] } });

  const { emitter, end } = await ignisEmitter((scene.place.redis as RedisServer).port);
  const expected = new Map<IgnisClient, Frame[]>(all.map((client) => [client, []]));
  const due = (frame: Frame, ...clients: IgnisClient[]) => {
    for (const client of clients) expected.get(client)!.push(frame);
  };
  // A join has no answer: the first push to the room that arrives says that it is through.
  await until(
    async () => {
      await emitter.toRoom({ room: room("o1"), event: "joined?", data: null });
      return u1.frames.length > 0 && u2.frames.length > 0;
    },
    10_000,
    "the joins",
  );
  await Bun.sleep(300);
  for (const client of all) client.frames.length = 0;

  await emitter.toUser({ userId: "u1", event: "user", data: { amount: 12.5, text: "Zażółć 😀 \u2028" } });
  due({ event: "user", data: { amount: 12.5, text: "Zażółć 😀 \u2028" } }, u1, u1too);
  await emitter.toUser({ userId: 5 as never, event: "number", data: 9007199254740991 });
  due({ event: "number", data: 9007199254740991 }, five);
  await emitter.toUser({ userId: "5", event: "number as text", data: [] });
  due({ event: "number as text", data: [] }, five);
  await emitter.toClient({ clientId: u2.connected.id, event: "client", data: null });
  due({ event: "client", data: null }, u2);
  await emitter.toClient({ clientId: u1.connected.id, event: "no data" } as never);
  due({ event: "no data" }, u1);
  await emitter.toRoom({ room: room("o1"), event: "room", data: [1, 2] });
  due({ event: "room", data: [1, 2] }, u1, u2);
  await emitter.toRoom({ room: room("o1"), event: "room without u1", data: 0, exclude: [u1.connected.id] });
  due({ event: "room without u1", data: 0 }, u2);
  await emitter.toRoom({ room: room("o1"), event: "nobody excluded", data: false, exclude: [] });
  due({ event: "nobody excluded", data: false }, u1, u2);
  await emitter.toRoom({ room: "ws-default", event: "default room", data: "d" });
  due({ event: "default room", data: "d" }, ...all);
  await emitter.toRoom({ room: u2.connected.id, event: "own room", data: 1 });
  due({ event: "own room", data: 1 }, u2);
  await emitter.toUser({ userId: "nobody", event: "nobody", data: 1 });
  await emitter.toUser({ userId: "u2", event: "", data: 1 });
  due({ event: "", data: 1 }, u2);
  await emitter.broadcast({ event: "all", data: "txt" });
  due({ event: "all", data: "txt" }, ...all);

  for (const client of all)
    await until(
      () => client.frames.length >= expected.get(client)!.length,
      10_000,
      `all frames; ${JSON.stringify(client.frames)}`,
    );
  await Bun.sleep(300);
  for (const client of all) expect(client.frames).toEqual(expected.get(client)!);
  const sum = [...expected.values()].reduce((frames, list) => frames + list.length, 0);
  await end();
  for (const client of all) client.close();
  console.log(
    `bus: WebSocketEmitter to two instances: ${sum} frames at ${all.length} clients, each as it was sent; ` +
      `${await scene.close()}`,
  );
});

test("a real WebSocketServerHelper and Signal serve each other's clients", async () => {
  const scene = await Scene.open({ env: { SIGNAL_BUS_COMPAT: "true" } });
  const { port } = scene.place.redis as RedisServer;
  const ignis = await IgnisServer.start(port);
  const mine = await IgnisClient.connect(scene.first.ws, await scene.stack.issuer.token({ userId: "u1" }));
  const theirs = await PlainClient.connect(ignis.ws, "u1");
  await until(async () => (await scene.first.health()).ready === 200, 10_000, "ready");
  const { emitter, end } = await ignisEmitter(port);

  // Of one emitter, both instances' clients.
  await emitter.toUser({ userId: "u1", event: "both", data: 1 });
  await until(() => mine.frames.length === 1 && theirs.frames.length === 1, 10_000, "a push at both");
  expect([mine.frames[0], theirs.frames[0]]).toEqual([
    { event: "both", data: 1 },
    { event: "both", data: 1 },
  ]);

  // IGNIS to Signal's clients: its send() publishes the type room, also for a client's id.
  ignis.helper.send({ destination: mine.connected.id, payload: { topic: "to your client", data: { n: 1 } } } as never);
  ignis.helper.send({ destination: "ws-notification", payload: { topic: "to your room", data: { n: 2 } } } as never);
  ignis.helper.send({ payload: { topic: "to everyone", data: { n: 3 } } } as never);
  await until(() => mine.frames.length === 4, 10_000, `IGNIS' pushes; ${JSON.stringify(mine.frames)}`);
  expect(mine.frames.slice(1)).toEqual([
    { event: "to your client", data: { n: 1 } },
    { event: "to your room", data: { n: 2 } },
    { event: "to everyone", data: { n: 3 } },
  ]);
  expect(theirs.frames.slice(1)).toEqual([
    { event: "to your room", data: { n: 2 } },
    { event: "to everyone", data: { n: 3 } },
  ]);

  // Signal to IGNIS' clients: a notification, also one for many users, and a mark as read.
  const few = scene.history.good({ recipientScope: "users", recipientIds: ["u1", "u2"] });
  const many = scene.history.good({
    recipientScope: "users",
    recipientIds: ["u1", ...Array.from({ length: 30 }, (_, n) => `other-${n}`)],
  });
  await scene.send([few, many]);
  const created = (frames: Frame[]) =>
    frames.filter((frame) => frame.event === "observation/signal/notification/created");
  await until(
    () => created(theirs.frames).length === 2 && created(mine.frames).length === 2,
    20_000,
    "the hints at both",
  );
  // The reference takes `event` and `data` alone; ours has the siblings as well.
  const ours = created(mine.frames).sort((x, y) => x.seq - y.seq);
  const byTitle = (frames: Frame[]) =>
    frames.map(({ event, data }) => ({ event, data })).sort((x, y) => x.data.title.localeCompare(y.data.title));
  expect(byTitle(created(theirs.frames))).toEqual(byTitle(ours));
  expect(ours.map(({ seq, unread }) => ({ seq, unread }))).toEqual([
    { seq: 1, unread: 1 },
    { seq: 2, unread: 2 },
  ]);

  const marked = await fetch(`${scene.first.http}/v1/notifications/read`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await scene.stack.issuer.token({ userId: "u1" })}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ all: true }),
  });
  expect(marked.status).toBe(200);
  const updated = (frames: Frame[]) =>
    frames.find((frame) => frame.event === "observation/signal/notification/updated");
  await until(() => updated(theirs.frames) && updated(mine.frames), 10_000, "the mark at both");
  expect(updated(theirs.frames)!.data).toEqual(updated(mine.frames)!.data);

  mine.close();
  theirs.close();
  await end();
  await ignis.stop();
  console.log(`bus: WebSocketServerHelper and Signal on one Redis: pushes and hints both ways; ${await scene.close()}`);
});
