// What a neighbour may do to the others, one at a time and all together. Each says what it did; none of it asks
// anything of the bystanders.
import { eventually } from "../harness/patience";
import type { Scene } from "../harness/scene";
import { withDatabase } from "../harness/stack";
import { StreamClient } from "../harness/stream_client";

export type Size = { members: number; shared: number; rooms: number; poisonASecond: number; seconds: number };
export type Disturbance = { name: string; run: (scene: Scene, size: Size, until: number) => Promise<string> };

const left = (until: number) => Math.max(0, until - performance.now());
let number = 0;

/** Members of the large organisation, and of twenty that share all of theirs. Made before anything is measured. */
export async function populate(scene: Scene, size: Size): Promise<void> {
  const add = (count: number, name: string, target: string) =>
    scene.database.query(
      `INSERT INTO identity."PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id)
     SELECT 'join_domain', 'User', $2 || lpad(n::text, 8, '0'), 'Organizer', $3 FROM generate_series(1, $1::int) n`,
      [count, name, target],
    );
  await add(size.members, "member-", "large");
  for (let n = 0; n < 20; ++n) await add(size.shared, "shared-", `shared-${n}`);
  await scene.database.query(
    `INSERT INTO identity."PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id)
    SELECT 'join_domain', 'User', 'roomer-' || u, 'Merchant', 'room-' || (u * 64 + r)
    FROM generate_series(0, $1::int - 1) u, generate_series(0, 63) r`,
    [Math.ceil(size.rooms / 64)],
  );
  await scene.database.query(`VACUUM ANALYZE identity."PolicyDefinition"`);
}

async function tell(scene: Scene, organizerId: string): Promise<void> {
  const id = `neighbour-${++number}`;
  await scene.producer.send({
    topic: scene.place.topic,
    messages: [
      {
        partition: number % scene.partitions,
        value: JSON.stringify({
          recipientScope: "org",
          organizerId,
          type: "news",
          title: `to all of ${organizerId}`,
          id,
        }),
      },
    ],
  });
}

/** Whoever comes last in the order of ids has a row for each. */
async function stored(scene: Scene, lastMember: string, rows: number): Promise<void> {
  await eventually(
    async () =>
      Number(
        (await scene.database.query(`SELECT last_seq FROM signal."ActivityInbox" WHERE user_id = $1`, [lastMember]))[0]
          ?.last_seq ?? 0,
      ) >= rows,
    120_000,
    `${rows} rows of ${lastMember}`,
  );
}
const lastSeq = async (scene: Scene, user: string) =>
  Number(
    (await scene.database.query(`SELECT last_seq FROM signal."ActivityInbox" WHERE user_id = $1`, [user]))[0]
      ?.last_seq ?? 0,
  );

function broadcasts(count: number): Disturbance["run"] {
  return async (scene, size) => {
    const last = `member-${String(size.members).padStart(8, "0")}`;
    const before = await lastSeq(scene, last);
    const began = performance.now();
    for (let n = 0; n < count; ++n) await tell(scene, "large");
    await stored(scene, last, before + count);
    const seconds = (performance.now() - began) / 1000;
    return (
      `${count} x ${size.members} members stored in ${seconds.toFixed(1)} s, ` +
      `${Math.round((count * size.members) / seconds)} rows/s`
    );
  };
}

async function sharedMembers(scene: Scene, size: Size): Promise<string> {
  const last = `shared-${String(size.shared).padStart(8, "0")}`;
  const before = await lastSeq(scene, last);
  const began = performance.now();
  for (let n = 0; n < 20; ++n) await tell(scene, `shared-${n}`);
  await stored(scene, last, before + 20);
  return (
    `20 organisations of the same ${size.shared} members stored in ` +
    `${((performance.now() - began) / 1000).toFixed(1)} s`
  );
}

async function dump(scene: Scene, _: Size, until: number): Promise<string> {
  let dumps = 0;
  do {
    const child = Bun.spawn(
      [`${programs()}/pg_dump`, "--file=/dev/null", withDatabase(scene.stack.postgres.url, scene.database.name)],
      { stdin: "ignore", stderr: "pipe" },
    );
    const [error, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    if (code !== 0) throw new Error(`pg_dump ended with ${code}: ${error}`);
    ++dumps;
  } while (left(until) > 0);
  return `${dumps} dumps`;
}
/** Of the newest server that is here: Debian's own pg_dump looks for the version of another cluster. */
const programs = () =>
  [...new Bun.Glob("/usr/lib/postgresql/*/bin").scanSync({ cwd: "/", onlyFiles: false, absolute: true })]
    .sort()
    .at(-1)!;

/** Months of three years ago, which retention takes away again: without a dump beside it, and then with one that
 *  lasts. */
async function monthsEnd(scene: Scene, _: Size, until: number): Promise<string> {
  const half = performance.now() + left(until) / 2;
  await makeOldMonths(scene);
  const keeper = await scene.add({ env: { SIGNAL_RETENTION_DAYS: "90" } }); // maintenance comes at once
  const resting = () => keeper.lines.some((line) => line.event.startsWith("tables are in use"));
  while (left(half) > 0 && (await oldMonths(scene)) > 0 && !resting()) await Bun.sleep(100);
  const dropped = 6 - (await oldMonths(scene));
  await keeper.stop();

  const dumping = await scene.database.connection();
  await dumping.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await dumping.query(`SELECT count(*) FROM signal."ActivityNotification"`);
  await makeOldMonths(scene);
  await keeper.launch();
  await Bun.sleep(left(until));
  await dumping.query("COMMIT");
  await dumping.end();
  scene.instances.splice(scene.instances.indexOf(keeper), 1);
  await keeper.stop();
  return (
    `${dropped} of 6 tables dropped, and beside a dump ` +
    `${resting() ? "left alone for a while" : "nothing to be done"}`
  );
}

async function makeOldMonths(scene: Scene): Promise<void> {
  const bound = (at: Date) =>
    at
      .getTime()
      .toString(16)
      .padStart(12, "0")
      .replace(/^(.{8})(.{4})$/, "$1-$2-0000-0000-000000000000");
  const there = new Set(
    (await scene.database.query("SELECT relname FROM pg_class WHERE relkind = 'r'")).map((row) => row.relname),
  );
  for (const table of ["ActivityNotification", "ActivityNotificationRecipient"]) {
    for (let month = 0; month < 3; ++month) {
      const name = `${table}_2023_0${month + 1}`;
      if (there.has(name)) continue;
      await scene.database.query(`CREATE TABLE signal."${name}" (LIKE signal."${table}" INCLUDING ALL)`);
      await scene.database.query(`ALTER TABLE signal."${name}" OWNER TO ${scene.database.role}`);
      await scene.database.query(
        `ALTER TABLE signal."${table}" ATTACH PARTITION signal."${name}" FOR VALUES FROM
          ('${bound(new Date(Date.UTC(2023, month, 1)))}') TO ('${bound(new Date(Date.UTC(2023, month + 1, 1)))}')`,
      );
    }
  }
}
const oldMonths = async (scene: Scene): Promise<number> =>
  (
    await scene.database.query(
      `SELECT count(*)::int AS n FROM pg_class WHERE relname LIKE 'ActivityNotification%\\_2023\\_%' AND relkind = 'r'`,
    )
  )[0].n;

async function vacuumAndReader(scene: Scene, _: Size, until: number): Promise<string> {
  const reader = await scene.database.connection();
  await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  await reader.query(`SELECT count(*) FROM signal."ActivityInbox"`);
  await scene.database.query(
    `CREATE TABLE IF NOT EXISTS public.other AS SELECT n, repeat('x', 200) AS text FROM generate_series(1, 100000) n`,
  );
  let vacuums = 0;
  do {
    await scene.database.query("VACUUM FULL public.other");
    ++vacuums;
  } while (left(until) > 0);
  await reader.query("COMMIT");
  await reader.end();
  return `${vacuums} x VACUUM FULL of another table, a reader all the while`;
}

/** An instance more that comes and goes: each time the group gives all partitions anew. */
async function restarts(scene: Scene): Promise<string> {
  const began = performance.now();
  const one = await scene.add();
  for (let n = 0; n < 3; ++n) {
    await Bun.sleep(500);
    scene.instances.splice(scene.instances.indexOf(one), 1);
    await one.stop();
    if (n === 2) break;
    await one.launch();
    scene.instances.push(one);
  }
  return `3 starts and stops in ${((performance.now() - began) / 1000).toFixed(1)} s`;
}
async function poison(scene: Scene, size: Size, until: number): Promise<string> {
  let sent = 0;
  do {
    const began = performance.now();
    const batch = Math.max(1, Math.round(size.poisonASecond / 10));
    await scene.producer.send({
      topic: scene.place.topic,
      messages: Array.from({ length: batch }, (_, n) => ({
        partition: n % scene.partitions,
        value: `{"recipientScope":"org","type":${n}`,
      })),
    });
    sent += batch;
    await Bun.sleep(Math.max(0, 100 - (performance.now() - began)));
  } while (left(until) > 0);
  return `${sent} records that can never be stored`;
}

async function rooms(scene: Scene, size: Size, until: number): Promise<string> {
  const users = Math.ceil(size.rooms / 64);
  const clients = await Promise.all(
    Array.from({ length: users }, async (_, u) => {
      const client = new StreamClient(`roomer-${u}`, await scene.stack.issuer.token({ userId: `roomer-${u}` }));
      await client.connect(scene.instances[u % 2]!.ws);
      client.send({
        event: "join",
        data: { rooms: Array.from({ length: 64 }, (_, r) => `merchant:room-${u * 64 + r}`) },
      });
      return client;
    }),
  );
  await Bun.sleep(left(until));
  for (const client of clients) client.close();
  return `${users * 64} rooms of ${users} clients re-checked all the time`;
}

export const disturbances: Disturbance[] = [
  { name: "a broadcast", run: broadcasts(1) },
  { name: "two broadcasts", run: broadcasts(2) },
  { name: "members of twenty organisations", run: sharedMembers },
  { name: "pg_dump", run: dump },
  { name: "a month's end", run: monthsEnd },
  { name: "VACUUM FULL and a long reader", run: vacuumAndReader },
  { name: "restarts", run: restarts },
  { name: "poison", run: poison },
  { name: "rooms", run: rooms },
];
disturbances.push({
  name: "all together",
  run: async (scene, size, until) => {
    // Two of them add an instance: one after the other.
    const apart = disturbances.filter(
      (one) => !["a broadcast", "all together", "a month's end", "restarts"].includes(one.name),
    );
    const instances = async () =>
      [await restarts(scene), await monthsEnd(scene, size, Math.max(until, performance.now() + 2_000))].join("; ");
    return (await Promise.all([...apart.map((one) => one.run(scene, size, until)), instances()])).join("; ");
  },
});
