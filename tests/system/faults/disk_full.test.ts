// The disk is full under SQLite: `serve` on a small file system of its own (a mount that only this process sees, gone
// with it).
import { Database as Sqlite } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rows } from "../support/rows";
import { HealthWatch } from "../harness/health_watch";
import { Instance } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { eventually, resumeWithinSeconds, seconds } from "../harness/patience";
import { Scene } from "../harness/scene";

afterEach(() => Instance.endAll());

test("disk full under SQLite: nothing is half done, and it goes on when there is room again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "signal-disk-"));
  mkdirSync(`${folder}/small`);
  const file = `${folder}/small/signal.sqlite`;
  const scene = await Scene.open({ instances: 0 });
  // `migrate` on the folder outside the mount, the identity service's table beside, then both are carried into the
  // mount.
  const env = { SIGNAL_DATABASE_URL: `sqlite:${file}`, SIGNAL_POLICY_TABLE: "PolicyDefinition" };
  const identity = new Sqlite(file, { create: true });
  identity.exec(
    `CREATE TABLE "PolicyDefinition" (deleted_at INTEGER, variant TEXT NOT NULL, subject_type TEXT NOT NULL,
      subject_id TEXT NOT NULL, target_type TEXT NOT NULL, target_id TEXT NOT NULL)`,
  );
  identity.close();
  // In a chroot the root is no mount point and can not be made private; there it need not be.
  const mount =
    `{ mount --make-rprivate / 2>/dev/null || true; } && mkdir -p ${folder}/large && cp ` +
    `${folder}/small/* ${folder}/large/ && mount -t tmpfs -o size=6m,mode=755 tmpfs ${folder}/small && cp ` +
    `${folder}/large/* ${folder}/small/ && exec "$@"`;
  const wrapper = [
    "unshare",
    ...(process.getuid!() === 0 ? ["-m"] : ["-Urm"]),
    "--propagation",
    "unchanged",
    "bash",
    "-c",
    mount,
    "serve",
  ];
  const instance = await scene.add({ env, wrapper });
  const inside = `/proc/${instance.pid}/root${folder}/small`;
  const client = await scene.watch("u1");
  // SQLite would resolve /proc/…/root to our own root: a copy of the file and its log is read instead.
  const snapshot = () => {
    for (const name of ["signal.sqlite", "signal.sqlite-wal"])
      copyFileSync(`${inside}/${name}`, `${folder}/large/${name}`);
    return new Rows(`${folder}/large/signal.sqlite`);
  };
  await scene.pulse();

  const watch = new HealthWatch(instance);
  scene.flow(20);
  await Bun.sleep(500);
  const began = performance.now();
  const fill = () => {
    try {
      for (;;) appendFileSync(`${inside}/ballast`, Buffer.alloc(4096));
    } catch (error) {
      expect((error as { code: string }).code).toBe("ENOSPC");
    }
  };
  fill();
  const said = await eventually(
    () => {
      fill();
      return instance.find((line) => line.event === "batch held back", began);
    },
    30_000,
    () => `a batch that is held back; ${instance.tail()}`,
  );
  await Bun.sleep(seconds(3_000, 20_000));
  const before = watch.last();
  rmSync(`${inside}/ballast`);
  const ended = performance.now();
  await scene.pulse(resumeWithinSeconds * 3_000);
  const resumed = (performance.now() - ended) / 1000;
  await scene.quiet();
  await eventually(
    () => scene.history.expected.size <= new Set(client.hints.map((hint) => hint.title)).size,
    20_000,
    "all hints",
  );
  const health = await watch.stop();
  expect({ live: health.worst.live, accept: health.worst.accept, ready: before?.ready }).toEqual({
    live: 200,
    accept: 200,
    ready: 503,
  });
  expect(resumed).toBeLessThanOrEqual(resumeWithinSeconds);
  await eventually(async () => (await instance.health()).ready === 200, 10_000, "ready again");

  const rows = snapshot();
  const stored = rows.recipients();
  expect(new Set(stored.map((row) => row.title))).toEqual(new Set(scene.history.expected.keys()));
  expect(stored.length).toBe(scene.history.rowsExpected());
  expect(rows.wrongCounters()).toEqual([]);
  expect(new Set(client.hints.map((hint) => hint.title))).toEqual(new Set(scene.history.expected.keys()));
  rows.close();
  client.close();
  await instance.stop();
  checkNoLeaks([instance], scene.secrets());
  await scene.producer.disconnect();
  await scene.database.close();
  rmSync(folder, { recursive: true });
  console.log(
    `fault: disk full under SQLite: live and accept 200 throughout, ready 503; ` +
      `everything flowed again ${resumed.toFixed(1)} s after there was room; log: "${said.event}" (${said.reason}); ` +
      `${scene.history.sent.length} records, ${stored.length} recipient rows = expected, counters recounted, ` +
      `${client.hints.length} hints heard live`,
  );
});
