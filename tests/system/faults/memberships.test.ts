// Rooms of users whose membership ends, and of users of whom the database says nothing: who hears what, and for how
// long.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { envelope, RedisPublisher } from "../harness/redis_publisher";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";
import { World } from "../harness/world";
import { patience } from "../support/signal";

const period = 2_000;
const room = "merchant:m1";

/** Something is said in the room every 50 ms; when each client last heard it. */
function talk(redis: RedisServer) {
  const publisher = new RedisPublisher(redis.port);
  let stop = false,
    said = 0;
  const done = (async () => {
    await publisher.connect();
    while (!stop) {
      await publisher.publish(`ws:room:${room}`, envelope("room", room, "said", ++said));
      await Bun.sleep(50);
    }
    publisher.close();
  })();
  return {
    heard: (client: StreamClient) => client.other.filter((frame) => frame.event === "said").length,
    // of the 50 ms
    lag: (client: StreamClient) => said - Number(client.other.findLast((frame) => frame.event === "said")?.data ?? 0),
    end: async () => {
      stop = true;
      await done;
    },
  };
}

let scene: Scene;
let talking: ReturnType<typeof talk>;
let fired: StreamClient, stays: StreamClient, stranger: StreamClient;
beforeAll(async () => {
  const world = new World();
  for (const user of ["fired", "stays"]) world.join(user, "Organizer", "o1");
  world.inherit("m1", "Organizer", "o1");
  scene = await Scene.open({ world, env: { SIGNAL_WS_ROOM_CHECK_INTERVAL_MS: String(period) } });
  [fired, stays, stranger] = [await scene.watch("fired"), await scene.watch("stays"), await scene.watch("stranger")];
  for (const client of scene.clients) client.send({ event: "join", data: { rooms: [room] } });
  talking = talk(scene.place.redis as RedisServer);
  await eventually(() => talking.heard(fired) > 0 && talking.heard(stays) > 0, 20_000, "the room to be heard");
});
afterAll(() => Instance.endAll());

test("a client whose membership ended has left the room within two periods, and a member has not", async () => {
  await scene.database.query(`UPDATE identity."PolicyDefinition" SET deleted_at = now() WHERE subject_id = 'fired'`);
  const ended = performance.now();
  await eventually(() => talking.lag(fired) >= 10, 10 * period, "the room to be left");
  const left = performance.now() - ended - 500; // ten times 50 ms of silence
  expect(left).toBeLessThan(2 * period * patience);
  expect(talking.lag(stays)).toBeLessThan(10 * patience);
  console.log(`memberships: period ${period} ms: left ${left.toFixed(0)} ms after the membership ended`);
});

test("while the database does not answer about memberships the room closes, and then opens again", async () => {
  const lock = await scene.database.connection();
  await lock.query(`BEGIN; LOCK TABLE identity."PolicyDefinition" IN ACCESS EXCLUSIVE MODE`);
  const locked = performance.now();
  await eventually(
    () => talking.lag(stays) >= 10,
    20 * period,
    () => `the room to be closed; ${scene.first.tail()}`,
  );
  const closed = performance.now() - locked - 500;
  expect(closed).toBeGreaterThan(period);
  const said = scene.first.find((line) => line.level === "error" && /rooms closed/.test(line.event), locked);
  expect(said).toMatchObject({ reason: expect.stringContaining("lock timeout") });
  expect(scene.first.count("room membership not checked")).toBeGreaterThan(0);
  expect((await scene.first.metrics()).sum("signal_rooms_closed_total")).toBe(1);
  expect(stays.closed).toBeNull();

  await lock.query("ROLLBACK");
  await lock.end();
  await eventually(() => talking.lag(stays) < 10, 10 * period, "the room to be open again without a join");
  expect(talking.lag(fired)).toBeGreaterThanOrEqual(10);
  console.log(`memberships: closed ${closed.toFixed(0)} ms after the table was locked, open again by itself`);
});

test("who never was a member has heard nothing of the room", async () => {
  expect(talking.heard(stranger)).toBe(0);
  await talking.end();
});

test("revocations that cannot be read are logged and counted, and read again when they can", async () => {
  const { role } = scene.database;
  await scene.database.query(`REVOKE SELECT ON signal."ActivityRevocation" FROM ${role}`);
  await eventually(
    () => scene.first.find((line) => line.level === "error" && /revocations not read/.test(line.event)),
    10_000,
    "the log to say it",
  );
  expect((await scene.first.metrics()).sum("signal_revocation_reads_failed_total")).toBeGreaterThan(0);
  await scene.database.query(`GRANT SELECT ON signal."ActivityRevocation" TO ${role}`);
  await eventually(() => scene.first.count("revocations read again") === 1, 10_000, "them to be read again");
});

test("through all of this the database was never called unavailable, and every row is there once", async () => {
  expect(scene.first.find((line) => /^database/.test(line.event))).toBeUndefined();
  await scene.pulse();
  console.log(`memberships: ${await scene.close()}`);
});
