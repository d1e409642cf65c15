// A message to 20,000 members, while the instance that works on it is killed -9 three times: every member has exactly
// one row, clients hear of it, and `explain` says who is still to come.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import type { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { World } from "../harness/world";

afterEach(() => Instance.endAll());

const members = 20_000;
const member = (n: number) => `m${String(n).padStart(6, "0")}`;

interface Job {
  id: string;
  done: number;
  worker: string | null;
}

/** Kills whoever has the job, in the middle of a turn: leased, and some slices further. Says who it was and how far
 *  it came. */
async function killWorker(scene: Scene, job: () => Promise<Job | undefined>, least: number): Promise<string> {
  const idOf = (one: Instance) => String(one.lines.findLast((line) => line.event === "listening")!.instance);
  const victim = await eventually(
    async () => {
      const now = await job();
      return now && now.done >= least
        ? scene.instances.find((one) => one.running && idOf(one) === now.worker)
        : undefined;
    },
    60_000,
    () => `a worker at ${least}`,
  );
  await victim!.kill9();
  const killed = `${victim!.name} at ${(await job())!.done}`;
  await victim!.launch();
  for (const till of scene.clients.filter((till) => !till.connected))
    await till.connect(victim!.ws, { since: till.since });
  return killed;
}

test("a broadcast outlives three kills of its worker", async () => {
  const world = new World();
  const scene = await Scene.open({ world, instances: 2 });
  const db = scene.database;
  await db.query(
    `INSERT INTO identity."PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id)
    SELECT CASE n % 2 WHEN 0 THEN 'group' ELSE 'join_domain' END, 'User', 'm' || lpad(n::text, 6, '0'), 'Organizer', 'big' FROM generate_series(1, $1::int) n`,
    [members],
  );
  await db.query(`ANALYZE identity."PolicyDefinition"`);
  const tills = [];
  for (const n of [1, 5_000, 12_345, members]) tills.push(await scene.watch(member(n), scene.instances[n % 2]!));
  // The last member's inbox is locked, so that the end does not come before the kills.
  await db.query(`INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread) VALUES ($1, 0, 0, 0)`, [
    member(members),
  ]);
  const holder = await db.connection();
  await holder.query("BEGIN");
  await holder.query(`SELECT 1 FROM signal."ActivityInbox" WHERE user_id = $1 FOR UPDATE`, [member(members)]);

  const send = (key: string, message: Record<string, unknown>) =>
    scene.producer.send({
      topic: scene.place.topic,
      messages: [
        { value: JSON.stringify({ type: "news", title: key, id: key, ...message }), timestamp: String(Date.now()) },
      ],
    });
  await send("news", { recipientScope: "org", organizerId: "big", excludeUserIds: [member(7)] });
  const job = async (): Promise<Job | undefined> =>
    (
      await db.query(
        `SELECT notification_id::text AS id, recipients_done::int AS done, worker FROM signal."ActivityBroadcast"`,
      )
    )[0];
  const { id } = (await eventually(job, 20_000, "the job"))!;

  const kills: string[] = [];
  for (const least of [1, 4_000, 9_000]) kills.push(await killWorker(scene, job, least));

  await eventually(async () => (await job())!.done === members - 2, 60_000, "all but the locked one");
  const token = await scene.stack.issuer.token({
    userId: "boss",
    roles: [{ id: "1", identifier: "999_super-admin", priority: 1 }],
  });
  const explain = async (user: string) =>
    (await (
      await fetch(`${scene.first.http}/v1/notifications/${id}/explain?userId=${user}`, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).json()) as any;
  expect(await explain(member(members))).toMatchObject({ code: "not_yet", stored: null });
  expect((await explain(member(members))).verdict).toMatch(
    /does not have it yet \(joined to organizer big\).* and 19998 recipients have it so far/,
  );
  expect((await explain(member(7))).code).toBe("excluded");
  expect((await explain(member(12_345))).stored).toMatchObject({ seq: 1 });
  for (const one of scene.instances) {
    // as of their last look
    await eventually(
      async () => (await one.metrics()).sum("signal_broadcast_recipients_done") === members - 2,
      20_000,
      () => `the open job in the metrics of ${one.name}`,
    );
    expect((await one.metrics()).sum("signal_broadcasts_open")).toBe(1);
  }
  // A message to few is not held up by the one that waits.
  await send("few", { recipientScope: "users", recipientIds: [member(1)] });
  await eventually(() => tills[0]!.heard("few"), 20_000, "the message to one");

  await holder.query("COMMIT");
  await holder.end();
  await eventually(async () => (await job()) === undefined, 20_000, "the end of the job");
  await eventually(
    () => tills.every((till) => till.heard("news")),
    20_000,
    () => `the hints of ${tills.filter((till) => !till.heard("news")).map((till) => till.user)}`,
  );
  const [counted] = await db.query(
    `SELECT count(*)::int AS rows, count(DISTINCT user_no)::int AS users FROM
      signal."ActivityNotificationRecipient" WHERE notification_id = $1`,
    [id],
  );
  expect(counted).toEqual({ rows: members - 1, users: members - 1 });
  const [wrong] = await db.query(
    `SELECT count(*)::int AS n FROM signal."ActivityInbox" WHERE user_id <> $1 AND (unread <> 1 OR live <> 1 OR
      last_seq <> 1)`,
    [member(1)],
  );
  expect(wrong.n).toBe(0);
  expect((await explain(member(members))).code).toBe("pushed");

  console.log(
    `broadcast: ${members} members, killed ${kills.join(", ")}; ${counted.rows} rows, one each; ` +
      `${tills.length} tills heard of it`,
  );
  for (const client of scene.clients) client.close();
  for (const one of scene.instances) await one.stop();
  await scene.producer.disconnect();
  await db.close();
  await (scene.place.redis as RedisServer).end();
}, 900_000);
