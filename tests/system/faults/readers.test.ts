// The threads and connections that answer REST, catch-up and rooms: what one user holds up, and how many there are.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";
import { World } from "../harness/world";

let scene: Scene;
let greedy: StreamClient, other: StreamClient;
let id: string; // of a notification that both have
let lock: Awaited<ReturnType<Scene["database"]["connection"]>>; // on the inbox of the greedy one
let waiting: Promise<number>[]; // the statuses of 31 changes of the greedy one

const ask = async (till: StreamClient, method: string, path: string, body?: object): Promise<number> => {
  const headers = new Headers({ authorization: `Bearer ${till.token}` });
  if (body) headers.set("content-type", "application/json");
  return (await fetch(scene.first.http + path, { method, headers, body: body && JSON.stringify(body) })).status;
};
/** How many backends the instance has, or how many of them wait for a lock. */
const backends = async (more = ""): Promise<number> => {
  const counted = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1 ${more}`;
  return (await scene.database.query(counted, [scene.database.role]))[0].n;
};
const blocked = () => backends("AND wait_event_type = 'Lock'");

beforeAll(async () => {
  const world = new World();
  world.join("other", "Organizer", "o1");
  scene = await Scene.open({ world });
  [greedy, other] = [await scene.watch("greedy"), await scene.watch("other")];
  const note = scene.note();
  await scene.send([note]);
  await eventually(() => greedy.heard(note.title!) && other.heard(note.title!), 20_000, "the hint");
  id = other.heard(note.title!)!.id;

  lock = await scene.database.connection();
  await lock.query("BEGIN");
  await lock.query(`SELECT FROM signal."ActivityInbox" WHERE user_id = 'greedy' FOR UPDATE`);
  waiting = Array.from({ length: 31 }, () => ask(greedy, "POST", "/v1/notifications/read", { all: true }));
  await eventually(async () => (await blocked()) > 0, 10_000, "a change to wait for the lock");
});
afterAll(() => Instance.endAll());

test("while 31 changes of a user wait for a lock, every request of another user is answered", async () => {
  const asked: [string, string, object?][] = [
    ["GET", "/v1/notifications"],
    ["GET", "/v1/notifications/unread-count"],
    ["GET", "/v1/notifications/count?where=%7B%7D"],
    ["PATCH", `/v1/notifications/${id}`, { read: true }],
    ["POST", "/v1/notifications/read", { all: true }],
    ["GET", `/v1/notifications/${id}`],
  ];
  const began = performance.now();
  let most = 0;
  for (let round = 0; round < 5; ++round) {
    // More at once than there are threads.
    const statuses = await Promise.all(asked.map(([method, path, body]) => ask(other, method, path, body)));
    expect(statuses).toEqual(asked.map(() => 200));
    most = Math.max(most, await backends());
  }
  expect(most).toBeLessThanOrEqual(8); // connections of one instance
  console.log(`readers: 30 requests beside the lock took ${((performance.now() - began) / 1_000).toFixed(2)} s`);
});

test("while changes of a user wait for a lock, another user's catch-up is complete", async () => {
  other.send({ event: "join", data: { rooms: ["org:o1"] } });
  await other.catchUp(scene.first.ws);
  expect(other.caughtUp).toMatchObject({ complete: true });
});

test("one change of a user waits in the database at a time", async () => {
  expect(await blocked()).toBe(1);
});

test("when the lock is gone the changes that waited are answered 200, or 503 if they waited too long", async () => {
  await lock.query("ROLLBACK");
  await lock.end();
  const statuses = await Promise.all(waiting);
  const many = (status: number) => statuses.filter((one) => one === status).length;
  expect(many(200) + many(503)).toBe(31);
  expect(many(200)).toBeGreaterThan(0);
  console.log(`readers: of 31 changes that waited for the lock ${many(200)} x 200, ${many(503)} x 503`);
});

test("at the end every row is there once", async () => {
  console.log(`readers: ${await scene.close({ live: false })}`);
});
