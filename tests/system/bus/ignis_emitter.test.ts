// The WebSocketEmitter of npm @venizia/ignis-helpers, unchanged, on one Redis with two instances: whom each of its
// pushes reaches.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { WebSocketEmitter } from "@venizia/ignis-helpers";
import { Instance } from "../harness/instance";
import type { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { IgnisClient, type Frame } from "../support/ignis_client";
import { ignisEmitter } from "../support/ignis_server";
import { until } from "../support/signal";

const room = "org:o1";
type Name = "u1" | "u1 elsewhere" | "u2" | "5";
let scene: Scene;
let clients: Record<Name, IgnisClient>;
let emitting: Awaited<ReturnType<typeof ignisEmitter>>;

beforeAll(async () => {
  scene = await Scene.open({ instances: 2 });
  await scene.database.addPolicies(
    ["u1", "u2"].map((user) => ({ subject: ["User", user], target: ["Organizer", "o1"] })),
  );
  await scene.ready();
  const [a, b] = scene.instances as [Instance, Instance];
  const connect = async (at: Instance, userId: string | number) =>
    IgnisClient.connect(at.ws, await scene.stack.issuer.token({ userId }));
  clients = {
    u1: await connect(a, "u1"),
    "u1 elsewhere": await connect(b, "u1"),
    u2: await connect(b, "u2"),
    "5": await connect(b, 5),
  };
  emitting = await ignisEmitter((scene.place.redis as RedisServer).port);
  const members = [clients.u1, clients.u2];
  for (const one of members) one.send({ event: "join", data: { rooms: [room] } });
  // A join has no answer: the first push to the room that arrives says that it is through.
  const joined = async () => {
    await emitting.emitter.toRoom({ room, event: "joined?", data: null });
    return members.every((one) => one.frames.length > 0);
  };
  await until(joined, 10_000, "the joins");
  await heardOf(async () => undefined);
});
afterAll(async () => {
  await emitting.end();
  for (const client of Object.values(clients)) client.close();
  await Instance.endAll();
});

let marks = 0;
/** What each client hears of what is pushed; a broadcast behind it tells when all of it is there. */
async function heardOf(push: (emitter: WebSocketEmitter) => Promise<unknown>): Promise<Partial<Record<Name, Frame>>> {
  const mark = `mark ${++marks}`;
  await push(emitting.emitter);
  await emitting.emitter.broadcast({ event: mark, data: null });
  const heard: Partial<Record<Name, Frame>> = {};
  for (const [name, client] of Object.entries(clients) as [Name, IgnisClient][]) {
    await client.waitFrame((frame) => frame.event === mark);
    const frames = client.frames.splice(0).filter((frame) => frame.event !== mark);
    if (marks === 1) continue; // the joins
    expect({ name, atMost: frames.length <= 1 }).toEqual({ name, atMost: true });
    if (frames.length > 0) heard[name] = frames[0];
  }
  return heard;
}
const each = (frame: Frame, ...names: Name[]) => Object.fromEntries(names.map((name) => [name, frame]));
const text = { amount: 12.5, text: "Zażółć 😀 \u2028" };
const all: Name[] = ["u1", "u1 elsewhere", "u2", "5"];

type Push = (emitter: WebSocketEmitter) => Promise<unknown>;
test.each<[what: string, frame: Frame, names: Name[], push: Push]>([
  [
    "to a user reaches each connection of the user, on both instances",
    { event: "user", data: text },
    ["u1", "u1 elsewhere"],
    (emitter) => emitter.toUser({ userId: "u1", event: "user", data: text }),
  ],
  [
    "to a user whose id is a number reaches that user, and the number stays whole",
    { event: "number", data: 9007199254740991 },
    ["5"],
    (emitter) => emitter.toUser({ userId: 5 as never, event: "number", data: 9007199254740991 }),
  ],
  [
    "to the text of a number reaches the user whose id is that number",
    { event: "number as text", data: [] },
    ["5"],
    (emitter) => emitter.toUser({ userId: "5", event: "number as text", data: [] }),
  ],
  [
    "to a user who is not connected reaches nobody",
    { event: "nobody" },
    [],
    (emitter) => emitter.toUser({ userId: "nobody", event: "nobody", data: 1 }),
  ],
  [
    "with an empty event reaches its user",
    { event: "", data: 1 },
    ["u2"],
    (emitter) => emitter.toUser({ userId: "u2", event: "", data: 1 }),
  ],
  [
    "with null to a client reaches that client with null",
    { event: "client", data: null },
    ["u2"],
    (emitter) => emitter.toClient({ clientId: clients.u2.connected.id, event: "client", data: null }),
  ],
  [
    "without data to a client reaches that client without data",
    { event: "no data" },
    ["u1"],
    (emitter) => emitter.toClient({ clientId: clients.u1.connected.id, event: "no data" } as never),
  ],
  [
    "to a room reaches its members on both instances",
    { event: "room", data: [1, 2] },
    ["u1", "u2"],
    (emitter) => emitter.toRoom({ room, event: "room", data: [1, 2] }),
  ],
  [
    "to a room that excludes a client reaches the other members",
    { event: "without u1", data: 0 },
    ["u2"],
    (emitter) => emitter.toRoom({ room, event: "without u1", data: 0, exclude: [clients.u1.connected.id] }),
  ],
  [
    "to a room that excludes nobody reaches its members",
    { event: "nobody excluded", data: false },
    ["u1", "u2"],
    (emitter) => emitter.toRoom({ room, event: "nobody excluded", data: false, exclude: [] }),
  ],
  [
    "to ws-default reaches every client",
    { event: "default room", data: "d" },
    all,
    (emitter) => emitter.toRoom({ room: "ws-default", event: "default room", data: "d" }),
  ],
  [
    "to the room of a client's own id reaches that client",
    { event: "own room", data: 1 },
    ["u2"],
    (emitter) => emitter.toRoom({ room: clients.u2.connected.id, event: "own room", data: 1 }),
  ],
  [
    "to all reaches every client",
    { event: "all", data: "txt" },
    all,
    (emitter) => emitter.broadcast({ event: "all", data: "txt" }),
  ],
])("a push %s", async (_, frame, names, push) => {
  expect(await heardOf(push)).toEqual(each(frame, ...names));
});

test("at the end every row is there once", async () => {
  console.log(`bus: WebSocketEmitter to two instances: ${await scene.close()}`);
});
