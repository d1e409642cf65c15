// Real redis-servers of a test's own: one, or a cluster of three masters and three replicas, on free ports of loopback,
// in a folder of their own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./free_ports";
import { eventually } from "./patience";

/** One node. `kill`, `stop`, `pause` and their opposites are the faults; all of them end with `end()`. */
export class RedisServer {
  private static readonly all = new Set<RedisServer>();
  private child: Bun.Subprocess | null = null;
  private readonly folder = mkdtempSync(join(tmpdir(), "signal-redis-"));
  private constructor(
    readonly port: number,
    private readonly more: string[],
  ) {}

  /** `more`: arguments as on the command line. */
  static async start(more: string[] = [], given?: number): Promise<RedisServer> {
    const port = given ?? (await freePorts(1))[0]!;
    const server = new RedisServer(port, more);
    RedisServer.all.add(server);
    await server.launch();
    return server;
  }
  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }
  get running() {
    return this.child !== null;
  }

  async launch(): Promise<void> {
    this.child = Bun.spawn(
      [
        "redis-server",
        "--port",
        String(this.port),
        "--bind",
        "127.0.0.1",
        "--dir",
        this.folder,
        "--save",
        "",
        "--appendonly",
        "no",
        ...this.more,
      ],
      { stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    );
    await eventually(
      async () => (await this.cli("ping")).includes("PONG") || (await this.cli("ping")).includes("NOAUTH"),
      10_000,
      `redis-server on port ${this.port}`,
    );
  }
  async kill(): Promise<void> {
    await this.endWith("SIGKILL");
  }
  async stop(): Promise<void> {
    await this.endWith("SIGTERM");
  }
  pause() {
    this.child!.kill("SIGSTOP");
  }
  resume() {
    this.child!.kill("SIGCONT");
  }
  private async endWith(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.child = null;
    child.kill(signal);
    child.kill("SIGCONT");
    await child.exited;
  }
  /** For good. */
  async end(): Promise<void> {
    await this.endWith("SIGKILL");
    RedisServer.all.delete(this);
    rmSync(this.folder, { recursive: true, force: true });
  }
  static async endAll(): Promise<void> {
    for (const one of [...RedisServer.all]) await one.end();
  }

  /** What redis-cli prints. */
  async cli(...command: string[]): Promise<string> {
    const child = Bun.spawn(["redis-cli", "-p", String(this.port), ...command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return (await new Response(child.stdout).text()).trim();
  }
  /** A field of INFO. */
  async info(section: string, field: string): Promise<string> {
    return new RegExp(`^${field}:(.*)$`, "m").exec(await this.cli("info", section))?.[1]?.trim() ?? "";
  }
  /** PUBLISH commands that it has taken, probes and announcements of Signal not counted apart. */
  async published(): Promise<number> {
    return Number(/calls=(\d+)/.exec(await this.info("commandstats", "cmdstat_publish"))?.[1] ?? 0);
  }
}

/** Three masters, three replicas; a failover is through about 4 s after the loss. */
export class RedisCluster {
  private constructor(readonly nodes: RedisServer[]) {}

  static async start(): Promise<RedisCluster> {
    const ports = await freePorts(12);
    const nodes = await Promise.all(
      ports
        .slice(0, 6)
        .map((port, n) =>
          RedisServer.start(
            [
              "--cluster-enabled",
              "yes",
              "--cluster-port",
              String(ports[6 + n]),
              "--cluster-node-timeout",
              "2000",
              "--repl-diskless-sync-delay",
              "0",
              "--enable-debug-command",
              "yes",
            ],
            port,
          ),
        ),
    );
    const child = Bun.spawn(
      [
        "redis-cli",
        "--cluster",
        "create",
        ...nodes.map((node) => `127.0.0.1:${node.port}`),
        "--cluster-replicas",
        "1",
        "--cluster-yes",
      ],
      { stdin: "ignore", stdout: "pipe", stderr: "pipe" },
    );
    const said = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) throw new Error(`redis-cli --cluster create: ${said}`);
    const cluster = new RedisCluster(nodes);
    await eventually(() => cluster.whole(), 20_000, "the cluster");
    return cluster;
  }
  get url() {
    return `redis+cluster://${this.nodes
      .slice(0, 3)
      .map((node) => `127.0.0.1:${node.port}`)
      .join(",")}`;
  }
  async masters(): Promise<RedisServer[]> {
    const roles = await Promise.all(
      this.nodes.map(async (node) => node.running && (await node.cli("role")).startsWith("master")),
    );
    return this.nodes.filter((_, n) => roles[n]);
  }
  async whole(): Promise<boolean> {
    const states = await Promise.all(
      this.nodes.map(async (node) => {
        const info = await node.cli("cluster", "info");
        const replication = await node.cli("info", "replication");
        return (
          info.includes("cluster_state:ok") &&
          info.includes("cluster_known_nodes:6") &&
          (replication.includes("state=online") || replication.includes("master_link_status:up"))
        );
      }),
    );
    return states.every(Boolean);
  }
  async end(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end()));
  }
}
