// The tables are upgraded while two instances of the version before and then a new one serve 200 users; see
// script/upgrade.
//   upgrade.ts OLD_BINARY MILLIONS, in tests/stack/with
import { Instance, run } from "../tests/system/harness/instance";
import { eventually } from "../tests/system/harness/patience";
import { Scene } from "../tests/system/harness/scene";
import { Bystanders, percentile, worldOf, type Figures } from "../tests/system/neighbours/bystanders";

const [old, millions] = [process.argv[2]!, Number(process.argv[3])];
const load = { users: 200, messagesASecond: 50, requestsASecond: 100 };
const longestWait = 100; // ms, of a statement that reads
const seconds = millions === 0 ? { old: 1, change: 4, beside: 3 } : { old: 10, change: 10, beside: 30 };
const rows = Math.max(10, millions * 1_000); // of a user

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void Instance.endAll().then(() => process.exit(130)));

function shown(what: string, { frames, answers, unavailable, unheard }: Figures): void {
  const three = (values: number[]) => [0.5, 0.99, 1].map((share) => percentile(values, share).toFixed(0)).join("/");
  console.log(
    `upgrade: ${what}: record to frame ${three(frames)} ms, REST ${three(answers)} ms (p50/p99/max), ` +
      `${unavailable} x 503, ${unheard} unheard`,
  );
}

/** Recipient rows of 1,000 users over the last months, as the old version keeps them. */
async function fill(scene: Scene): Promise<void> {
  await scene.database.query(`DO $$ DECLARE first timestamptz; next timestamptz; low text; high text;
    parent text; part text; BEGIN
    FOR ago IN 1..6 LOOP
      first := (date_trunc('month', now() AT TIME ZONE 'UTC') - ago * interval '1 month') AT TIME ZONE 'UTC';
      low := lpad(to_hex((extract(epoch FROM first) * 1000)::bigint), 12, '0') || repeat('0', 20);
      next := (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
      high := lpad(to_hex((extract(epoch FROM next) * 1000)::bigint), 12, '0') || repeat('0', 20);
      FOREACH parent IN ARRAY ARRAY['ActivityNotification', 'ActivityNotificationRecipient'] LOOP
        part := parent || to_char(first AT TIME ZONE 'UTC', '_YYYY_MM');
        EXECUTE format('CREATE TABLE IF NOT EXISTS signal.%I PARTITION OF signal.%I FOR VALUES FROM (%L) TO (%L)',
          part, parent, low::uuid, high::uuid);
        EXECUTE format('ALTER TABLE signal.%I OWNER TO ${scene.database.role}', part);
      END LOOP; END LOOP; END $$`);
  await scene.database.query(`CREATE FUNCTION public.id_of(n bigint) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (lpad(to_hex((
      (extract(epoch FROM date_trunc('day', now())) - 180 * 86400.0 * (1 - n / ${rows}.0)) * 1000)::bigint), 12, '0')
      || '70008' || lpad(to_hex(n), 15, '0'))::uuid $$`);
  await scene.database.query(
    `INSERT INTO signal."ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
    SELECT public.id_of(n), 't', 'old ' || n, 'users', now(), now() FROM generate_series(1, $1::bigint) n`,
    [rows],
  );
  await scene.database.query(
    `INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread)
    SELECT 'old-' || u, $1::bigint, $1::bigint, $1::bigint FROM generate_series(1, 1000) u`,
    [rows],
  );
  await scene.database.query(
    `INSERT INTO signal."ActivityNotificationRecipient" (user_no, seq, notification_id)
    SELECT i.user_no, n, public.id_of(n)
    FROM generate_series(1, $1::bigint) n, signal."ActivityInbox" i WHERE i.user_id LIKE 'old-%'`,
    [rows],
  );
  await scene.database.query("ANALYZE");
}

/** The longest that a statement of an instance was seen waiting for a lock, until `ended`. */
async function watchLocks(scene: Scene, ended: () => boolean): Promise<number> {
  const watcher = await scene.database.connection();
  let longest = 0;
  while (!ended()) {
    const { rows } = await watcher.query(`
      SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start) * 1000), 0)::float AS ms
      FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND query LIKE 'SELECT%' AND query NOT LIKE '%advisory%'`);
    longest = Math.max(longest, rows[0].ms);
    await Bun.sleep(2);
  }
  await watcher.end();
  return longest;
}

const gaps = async (scene: Scene) =>
  Number(
    (await scene.database.query(`SELECT count(*) AS n FROM signal."ActivityInbox" WHERE mapped_to <> last_seq`))[0].n,
  );

let failed = true;
try {
  const scene = await Scene.open({ world: worldOf(load), partitions: 12, instances: 0 });
  const env = { SIGNAL_LOG_LEVEL: "info", SIGNAL_RETENTION_DAYS: "0" };
  const before = Bun.spawnSync([old, "migrate"], { env: { SIGNAL_DATABASE_URL: scene.env.SIGNAL_DATABASE_URL! } });
  if (before.exitCode !== 0) throw new Error(`migrate of the old version: ${before.stderr.toString()}`);
  const version = async () => (await scene.database.query(`SELECT version FROM signal."ActivitySchema"`))[0].version;
  const from = await version();
  await fill(scene);
  console.log(`upgrade: ${rows * 1_000} rows in tables of version ${from}`);
  for (let n = 0; n < 2; ++n) await scene.add({ env, migrate: false, program: old });
  const bystanders = await Bystanders.open(scene, load);
  await bystanders.measure(seconds.old);
  shown("the old version", await bystanders.measure(seconds.old));

  let migrated = false;
  const locks = watchLocks(scene, () => migrated);
  const measured = bystanders.measure(seconds.change);
  await Bun.sleep(2_000);
  const upgrade = await run(["migrate"], { SIGNAL_DATABASE_URL: scene.env.SIGNAL_DATABASE_URL! });
  migrated = true;
  if (upgrade.code !== 0) throw new Error(`migrate: ${upgrade.out}`);
  shown(`its tables changed meanwhile, in ${upgrade.seconds.toFixed(2)} s`, await measured);
  console.log(
    `upgrade: to version ${await version()}; a reader waited ${(await locks).toFixed(0)} ms for a lock at most`,
  );

  let mapped = false;
  const mapping = watchLocks(scene, () => mapped);
  const began = performance.now();
  await scene.add({ env, migrate: false });
  let took = 0;
  const all = eventually(
    async () =>
      Number(
        (
          await scene.database.query(
            `SELECT count(*) AS n FROM signal."ActivityInbox" WHERE user_id LIKE 'old-%' AND mapped_to <> last_seq`,
          )
        )[0].n,
      ) === 0,
    900_000,
    "the map of all rows",
  ).then(() => {
    took = (performance.now() - began) / 1000;
  });
  shown("a new instance beside them, which makes the map", await bystanders.measure(seconds.beside));
  await all;
  mapped = true;
  console.log(
    `upgrade: map of ${rows * 1_000} rows made in ${took.toFixed(0)} s; a reader waited ` +
      `${(await mapping).toFixed(0)} ms for a lock at most; ` +
      `${await gaps(scene)} inboxes have rows of the old version since`,
  );
  await bystanders.close();
  for (const instance of scene.instances.splice(0, 2)) await instance.stop();
  await scene.database.query(`UPDATE signal."ActivityUpkeep" SET map_from = now()`);
  await scene.first.stop();
  await scene.first.launch(); // its maintenance begins at once
  await eventually(async () => (await gaps(scene)) === 0, 120_000, "the map of what the old version wrote");
  const wrong = await scene.database.query(`
    SELECT count(*) AS n FROM signal."ActivityNotificationRecipient" r
    CROSS JOIN LATERAL (
      SELECT month FROM signal."ActivityInboxMonth" m
      WHERE m.user_no = r.user_no AND m.first_seq <= r.seq ORDER BY first_seq DESC LIMIT 1) m
    CROSS JOIN LATERAL (SELECT substring(r.tableoid::regclass::text FROM '\\d{4}_\\d{2}') AS text) part
    WHERE m.month <> split_part(part.text, '_', 1)::int * 12 + split_part(part.text, '_', 2)::int - 1`);
  const checked = await run(["check", "--deep"], scene.env, 300_000);
  console.log(
    `upgrade: ${wrong[0].n} rows in another month than the map says; check --deep ends with ${checked.code} in ` +
      `${checked.seconds.toFixed(0)} s`,
  );
  failed = Number(wrong[0].n) > 0 || checked.code !== 0 || (await locks) > longestWait || (await mapping) > longestWait;
  if (checked.code !== 0) console.log(checked.out);
  await scene.first.stop();
  await scene.producer.disconnect();
  await scene.database.close();
} catch (error) {
  console.error(`upgrade: ${error}`);
} finally {
  await Instance.endAll();
}
process.exit(failed ? 1 : 0); // servers of the stack's own would keep it
