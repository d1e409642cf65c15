// Two PostgreSQL servers in streaming replication, of a test's own, and what becomes of them in a failover. Signal is
// told both hosts, the first by way of a relay that can swallow everything, as a network does.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./patience";
import { RedisProxy } from "./redis_proxy";
import { connect, PostgresServer, scriptIn, withDatabase } from "./stack";

export class PostgresPair extends PostgresServer {
  private static readonly all = new Set<PostgresPair>();
  private promoted = false;
  private relay!: RedisProxy;
  private urls: [string, string] = ["", ""];
  private constructor(private readonly folder: string) {
    super();
  }

  /** `synchronous`: a commit is answered when the standby has applied it. */
  static async start(synchronous: boolean): Promise<PostgresPair> {
    const folder = mkdtempSync(join(tmpdir(), "signal-pair-"));
    chmodSync(folder, 0o755);
    const pair = new PostgresPair(folder);
    PostgresPair.all.add(pair);
    pair.urls[0] = await pair.first("start");
    pair.urls[1] = await pair.second("standby", `${folder}/first`);
    // Said when the standby is there: before, no commit would come to an end. It is not copied to the standby.
    if (synchronous) {
      await pair.owner(async (owner) => {
        await owner.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await owner.query("ALTER SYSTEM SET synchronous_commit = 'remote_apply'");
        await owner.query("SELECT pg_reload_conf()");
        await eventually(
          async () => (await owner.query("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")).rowCount,
          20_000,
          "the standby to be synchronous",
        );
      });
    }
    pair.relay = await RedisProxy.start(Number(new URL(pair.urls[0]).port));
    return pair;
  }
  /** What a failed test has left, too. */
  static async endAll(): Promise<void> {
    for (const pair of PostgresPair.all) await pair.end();
  }

  private first = (...args: string[]) => scriptIn(`${this.folder}/first`, "postgres", args);
  private second = (...args: string[]) => scriptIn(`${this.folder}/second`, "postgres", args);

  /** Of the server that serves now, for the harness. */
  override get url(): string {
    return this.urls[this.promoted ? 1 : 0];
  }
  override urlFor(database: string, user: string, password: string): string {
    const standby = new URL(this.urls[1]).port;
    return `postgresql://${user}:${password}@127.0.0.1:${this.relay.port},127.0.0.1:${standby}/${database}`;
  }

  override pause = () => this.first("pause");
  override resume = () => this.first("resume");
  /** Connections to the primary stay, new ones come about, and nothing is heard on any. The primary itself lives on. */
  blackHole(): void {
    this.relay.mode = "mute";
  }
  /** The standby hears no more of its primary: what that commits from here on it alone has. */
  async cutReplication(): Promise<void> {
    const standby = await connect(this.urls[1]);
    try {
      await standby.query("ALTER SYSTEM SET primary_conninfo = ''");
      await standby.query("SELECT pg_reload_conf()");
      await eventually(
        async () => (await standby.query("SELECT 1 FROM pg_stat_wal_receiver")).rowCount === 0,
        20_000,
        "the standby to hear no more",
      );
    } finally {
      await standby.end();
    }
  }
  /** Of the second server, whatever it is. */
  async notifications(database: string): Promise<number> {
    const client = await connect(withDatabase(this.urls[1], database));
    try {
      return Number((await client.query(`SELECT count(*) AS n FROM signal."ActivityNotification"`)).rows[0].n);
    } finally {
      await client.end();
    }
  }
  async promote(): Promise<void> {
    await this.second("promote");
    this.promoted = true;
  }

  async end(): Promise<void> {
    PostgresPair.all.delete(this);
    await this.relay?.end();
    await this.first("resume").catch(() => undefined);
    await Promise.all([
      this.first("immediate").catch(() => undefined),
      this.second("immediate").catch(() => undefined),
    ]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
