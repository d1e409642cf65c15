// A message to 20,000 members (in full 1,000,000), while the instance that works on it is killed -9 three times: every
// member has exactly one row, clients hear of it, and `explain` says who is still to come.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { ask, bossOf, idOf } from "../harness/operator";
import { eventually, full, seconds } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";

const members = full ? 1_000_000 : 20_000;
const patienceMs = 1_000 * seconds(60, 300);
const member = (n: number) => `m${String(n).padStart(7, "0")}`;

interface Job {
  id: string;
  done: number;
  worker: string | null;
}

let scene: Scene;
let tills: StreamClient[]; // of the first member, two in the middle, and the last
let id: string; // of the notification
let boss: string;
let holder: Awaited<ReturnType<Scene["database"]["connection"]>>; // locks the last member's inbox: it is the last row

const send = (key: string, message: Record<string, unknown>) =>
  scene.producer.send({
    topic: scene.place.topic,
    messages: [
      { value: JSON.stringify({ type: "news", title: key, id: key, ...message }), timestamp: String(Date.now()) },
    ],
  });
async function job(): Promise<Job | undefined> {
  const [found] = await scene.database.query(`
    SELECT notification_id::text AS id, recipients_done::int AS done, worker FROM signal."ActivityBroadcast"`);
  return found;
}
const explain = async (user: string) =>
  (await (await ask(scene.first, boss, `/v1/notifications/${id}/explain?userId=${user}`)).json()) as any;

/** Kills whoever has the job, in the middle of a turn: leased, and some slices further. Says who it was and how far
 *  it came. */
async function killWorker(least: number): Promise<string> {
  const worker = async () => {
    const now = await job();
    if (!now || now.done < least) return undefined;
    return scene.instances.find((one) => one.running && idOf(one) === now.worker);
  };
  const victim = await eventually(worker, patienceMs, () => `a worker at ${least}`);
  await victim.kill9();
  const killed = `${victim.name} at ${(await job())!.done}`;
  await victim.launch();
  for (const till of scene.clients.filter((one) => !one.connected))
    await till.connect(victim.ws, { since: till.since });
  return killed;
}

beforeAll(async () => {
  scene = await Scene.open({ instances: 2 });
  const db = scene.database;
  await db.query(
    `INSERT INTO identity."PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id)
    SELECT CASE n % 2 WHEN 0 THEN 'group' ELSE 'join_domain' END, 'User', 'm' || lpad(n::text, 7, '0'),
      'Organizer', 'big'
    FROM generate_series(1, $1::int) n`,
    [members],
  );
  await db.query(`ANALYZE identity."PolicyDefinition"`);
  tills = [];
  for (const n of [1, 5_000, 12_345, members]) tills.push(await scene.watch(member(n), scene.instances[n % 2]!));
  boss = await bossOf(scene);
  await db.query(`INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread) VALUES ($1, 0, 0, 0)`, [
    member(members),
  ]);
  holder = await db.connection();
  await holder.query("BEGIN");
  await holder.query(`SELECT 1 FROM signal."ActivityInbox" WHERE user_id = $1 FOR UPDATE`, [member(members)]);
  await send("news", { recipientScope: "org", organizerId: "big", excludeUserIds: [member(7)] });
  id = (await eventually(job, 20_000, "the job")).id;
});
afterAll(async () => {
  await Instance.endAll();
  await scene.producer.disconnect();
  await scene.database.close();
  await (scene.place.redis as RedisServer).end();
});

test("a broadcast whose worker is killed three times reaches all members whose inbox is free", async () => {
  const kills: string[] = [];
  const began = Date.now();
  for (const least of [1, members / 5, members / 2]) kills.push(await killWorker(least));
  await eventually(async () => (await job())!.done === members - 2, patienceMs, "all but the locked one");
  const took = ((Date.now() - began) / 1_000).toFixed(1);
  console.log(`broadcast: ${members} members in ${took} s, killed ${kills.join(", ")}`);
});

test("explain tells who is still to get it, who is excluded and who has it", async () => {
  const still = await explain(member(members));
  expect(still).toMatchObject({ code: "not_yet", stored: null });
  expect(still.verdict).toMatch(/does not have it yet \(joined to organizer big\)/);
  expect(still.verdict).toContain(` and ${members - 2} recipients have it so far`);
  expect((await explain(member(7))).code).toBe("excluded");
  expect((await explain(member(12_345))).stored).toMatchObject({ seq: 1 });
});

test("every instance has the open broadcast in its metrics", async () => {
  for (const one of scene.instances) {
    await eventually(
      async () => (await one.metrics()).sum("signal_broadcast_recipients_done") === members - 2, // as of its last look
      20_000,
      () => `the open job in the metrics of ${one.name}`,
    );
    expect((await one.metrics()).sum("signal_broadcasts_open")).toBe(1);
  }
});

test("a message to few is heard while the broadcast waits", async () => {
  await send("few", { recipientScope: "users", recipientIds: [member(1)] });
  await eventually(() => tills[0]!.heard("few"), 20_000, "the message to one");
});

test("once the inbox is free the broadcast ends: each member has one row, and clients hear of it", async () => {
  await holder.query("COMMIT");
  await holder.end();
  await eventually(async () => (await job()) === undefined, 20_000, "the end of the job");
  const deaf = () => tills.filter((till) => !till.heard("news")).map((till) => till.user);
  await eventually(
    () => deaf().length === 0,
    patienceMs,
    () => `the hints of ${deaf()}`,
  );
  const [counted] = await scene.database.query(
    `SELECT count(*)::int AS rows, count(DISTINCT user_no)::int AS users
    FROM signal."ActivityNotificationRecipient" WHERE notification_id = $1`,
    [id],
  );
  expect(counted).toEqual({ rows: members - 1, users: members - 1 });
  const [wrong] = await scene.database.query(
    `SELECT count(*)::int AS n FROM signal."ActivityInbox"
    WHERE user_id <> $1 AND (unread <> 1 OR live <> 1 OR last_seq <> 1)`,
    [member(1)],
  );
  expect(wrong.n).toBe(0);
  expect((await explain(member(members))).code).toBe("pushed");
});

test("at the end every instance stops in order", async () => {
  for (const client of scene.clients) client.close();
  for (const one of scene.instances) await one.stop();
});
