// The disk is full under SQLite: `serve` on a small file system of its own (a mount that only this process sees, gone
// with it).
import { Database as Sqlite } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HealthWatch } from "../harness/health_watch";
import { Instance } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { eventually, resumeWithinSeconds, seconds } from "../harness/patience";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";
import { Rows } from "../support/rows";

const folder = mkdtempSync(join(tmpdir(), "signal-disk-"));
const file = `${folder}/small/signal.sqlite`;
let scene: Scene;
let instance: Instance;
let till: StreamClient; // of u1
let inside: string; // the small file system as the instance sees it

/** `serve` in a mount of 6 MiB, into which `migrate`'s file and the identity service's table beside it are carried. */
const wrapper = () => [
  "unshare",
  ...(process.getuid!() === 0 ? ["-m"] : ["-Urm"]),
  "--propagation",
  "unchanged",
  "bash",
  "-c",
  [
    // In a chroot the root is no mount point and cannot be made private; there it need not be.
    "{ mount --make-rprivate / 2>/dev/null || true; }",
    `mkdir -p ${folder}/large`,
    `cp ${folder}/small/* ${folder}/large/`,
    `mount -t tmpfs -o size=6m,mode=755 tmpfs ${folder}/small`,
    `cp ${folder}/large/* ${folder}/small/`,
    'exec "$@"',
  ].join(" && "),
  "serve",
];

beforeAll(async () => {
  mkdirSync(`${folder}/small`);
  scene = await Scene.open({ instances: 0 });
  const identity = new Sqlite(file, { create: true });
  identity.exec(`
    CREATE TABLE "PolicyDefinition" (deleted_at INTEGER, variant TEXT NOT NULL, subject_type TEXT NOT NULL,
      subject_id TEXT NOT NULL, target_type TEXT NOT NULL, target_id TEXT NOT NULL)`);
  identity.close();
  const env = { SIGNAL_DATABASE_URL: `sqlite:${file}`, SIGNAL_POLICY_TABLE: "PolicyDefinition" };
  instance = await scene.add({ env, wrapper: wrapper() });
  inside = `/proc/${instance.pid}/root${folder}/small`;
  till = await scene.watch("u1");
  await scene.pulse();
});
afterAll(async () => {
  await Instance.endAll();
  await scene.producer.disconnect();
  await scene.database.close();
  rmSync(folder, { recursive: true });
});

/** Takes whatever room is left. */
function fill() {
  try {
    for (;;) appendFileSync(`${inside}/ballast`, Buffer.alloc(4096));
  } catch (error) {
    expect((error as { code: string }).code).toBe("ENOSPC");
  }
}

test("while the disk is full a batch is held back and clients stay, and all flows when there is room", async () => {
  const watch = new HealthWatch(instance);
  scene.flow(20);
  await Bun.sleep(500);
  const began = performance.now();
  const heldBack = () => {
    fill();
    return instance.find((line) => line.event === "batch held back", began);
  };
  const said = await eventually(heldBack, 30_000, () => `a batch that is held back; ${instance.tail()}`);
  await Bun.sleep(seconds(3_000, 20_000));
  const before = watch.last();
  rmSync(`${inside}/ballast`);
  const ended = performance.now();
  await scene.pulse(resumeWithinSeconds * 3_000);
  const resumed = (performance.now() - ended) / 1000;
  await scene.quiet();
  const { worst } = await watch.stop();
  expect({ live: worst.live, accept: worst.accept, ready: before?.ready }).toEqual({
    live: 200,
    accept: 200,
    ready: 503,
  });
  expect(resumed).toBeLessThanOrEqual(resumeWithinSeconds);
  await scene.ready(10_000);
  console.log(
    `fault: disk full under SQLite: everything flowed again ${resumed.toFixed(1)} s after there was room; ` +
      `log: "${said.event}" (${said.reason})`,
  );
});

test("after the disk was full every row is there once, with its hint, and the counters are right", async () => {
  const titles = new Set(scene.history.expected.keys());
  const hints = () => new Set(till.hints.map((hint) => hint.title));
  await eventually(() => titles.size <= hints().size, 20_000, "all hints");
  expect(hints()).toEqual(titles);
  // SQLite would resolve /proc/…/root to our own root: a copy of the file and its log is read instead.
  for (const name of ["signal.sqlite", "signal.sqlite-wal"])
    copyFileSync(`${inside}/${name}`, `${folder}/large/${name}`);
  const rows = new Rows(`${folder}/large/signal.sqlite`);
  const stored = rows.recipients();
  expect(new Set(stored.map((row) => row.title))).toEqual(titles);
  expect(stored.length).toBe(scene.history.rowsExpected());
  expect(rows.wrongCounters()).toEqual([]);
  rows.close();
  console.log(`fault: disk full under SQLite: ${scene.history.sent.length} records, ${stored.length} recipient rows`);
});

test("at the end the instance stops in order, and no secret is in what it wrote", async () => {
  till.close();
  await instance.stop();
  checkNoLeaks([instance], scene.secrets());
});
