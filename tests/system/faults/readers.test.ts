// The threads and connections that answer REST, catch-up and rooms: what one user holds up, and how many there are.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { World } from "../harness/world";

afterEach(() => Instance.endAll());

test("a user whose changes wait for a lock holds up nobody else, and an instance holds eight connections", async () => {
  const world = new World();
  world.join("other", "Organizer", "o1");
  const scene = await Scene.open({ world });
  const greedy = await scene.watch("greedy"),
    other = await scene.watch("other");
  const note = scene.note();
  await scene.send([note]);
  await eventually(() => greedy.heard(note.title!) && other.heard(note.title!), 20_000, "the hint");
  const id = other.heard(note.title!)!.id;
  const ask = (token: string, method: string, path: string, body?: unknown) =>
    fetch(`${scene.first.http}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });

  const lock = await scene.database.connection();
  await lock.query("BEGIN");
  await lock.query(`SELECT FROM signal."ActivityInbox" WHERE user_id = 'greedy' FOR UPDATE`);
  const waiting = Array.from({ length: 31 }, () =>
    ask(greedy.token, "POST", "/v1/notifications/read", { all: true }).then((answer) => answer.status),
  );
  await eventually(
    async () =>
      (
        await scene.database.query(`SELECT 1 FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'`, [
          scene.database.role,
        ])
      ).length > 0,
    10_000,
    "a change to wait for the lock",
  );

  // All of it while the lock is held, and more of it than there are threads.
  const asked: [string, string, unknown?][] = [
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
    const answers = await Promise.all(
      asked.map(async ([method, path, body]) => ({
        method,
        path,
        status: (await ask(other.token, method, path, body)).status,
      })),
    );
    for (const answer of answers) expect(answer).toMatchObject({ status: 200 });
    const [{ n }] = await scene.database.query(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1`, [
      scene.database.role,
    ]);
    most = Math.max(most, n);
  }
  other.send({ event: "join", data: { rooms: ["org:o1"] } });
  await other.catchUp(scene.first.ws);
  const took = performance.now() - began;
  const stillHeld = (
    await scene.database.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'`,
      [scene.database.role],
    )
  )[0].n;
  expect(stillHeld).toBe(1); // changes of one user are one at a time
  await lock.query("ROLLBACK");
  await lock.end();
  const statuses = await Promise.all(waiting);
  expect(new Set(statuses).size).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(8);
  const closing = await scene.close({ live: false });
  console.log(
    `readers: while 31 changes of one user waited for a lock, 30 requests and a catch-up of another took ` +
      `${(took / 1_000).toFixed(2)} s; at most ${most} connections; ` +
      `the 31: ${[200, 503].map((status) => `${statuses.filter((one) => one === status).length} x ${status}`).join(", ")}; ${closing}`,
  );
}, 300_000);
