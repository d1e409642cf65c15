// A backup of Signal's tables, and the restore that docs/operations.md#after-a-restore describes.
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../../tests/system/harness/instance";
import { eventually } from "../../../../tests/system/harness/patience";
import type { Scene } from "../../../../tests/system/harness/scene";
import { withDatabase } from "../../../../tests/system/harness/stack";
import { ended } from "../../../../tests/system/support/ended";

async function program(...words: string[]) {
  const { code, out, error } = await ended(Bun.spawn(words, { stdin: "ignore", stdout: "pipe", stderr: "pipe" }));
  if (code !== 0) throw new Error(`${words[0]} ended with ${code}: ${error || out}`);
}

export class Backup {
  private constructor(
    private readonly scene: Scene,
    private readonly file: string,
    private readonly offsets: { partition: number; offset: string }[],
  ) {}

  /** Of this moment, while everything runs. */
  static async take(scene: Scene): Promise<Backup> {
    const { group: groupId, topic } = scene.place;
    const [committed] = await scene.stack.kafka.admin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    // A partition without a committed offset is read from its beginning.
    const offsets = committed!.partitions.map(({ partition, offset }) => ({
      partition,
      offset: offset === "-1" ? "0" : offset,
    }));
    const file = join(tmpdir(), `${scene.database.name}-${process.pid}.dump`);
    const url = withDatabase(scene.stack.postgres.url, scene.database.name);
    await program("pg_dump", "--format=custom", "--schema=signal", `--file=${file}`, url);
    return new Backup(scene, file, offsets);
  }

  /** Instances end, tables and offsets are those of the backup, a new epoch begins, instances start. */
  async restore(): Promise<void> {
    const { scene } = this;
    const { group: groupId, topic } = scene.place;
    for (const one of scene.instances) process.kill(one.pid, "SIGTERM");
    for (const one of scene.instances) await eventually(() => !one.running, 20_000, `${one.name} to end`);
    await scene.database.query("DROP SCHEMA signal CASCADE");
    const url = withDatabase(scene.stack.postgres.url, scene.database.name);
    await program("pg_restore", "--exit-on-error", `--dbname=${url}`, this.file);
    rmSync(this.file);
    await scene.stack.kafka.admin((admin) => admin.setOffsets({ groupId, topic, partitions: this.offsets }));
    const { code, out } = await run(["migrate", "--new-epoch"], { SIGNAL_DATABASE_URL: scene.database.url });
    if (code !== 0) throw new Error(`nx-signal migrate --new-epoch ended with ${code}: ${out}`);
    await Promise.all(scene.instances.map((one) => one.launch()));
  }
}
