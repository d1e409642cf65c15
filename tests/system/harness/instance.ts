// One `nx-signal serve` on the stack, configured by its environment alone, as an orchestrator would: it can be killed,
// started again, asked for its health and figures, and keeps every line it ever logged.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { served } from "../contracts/answers";
import { command } from "../support/command";
import { bareEnvironment, binary, patience, type LogLine } from "../support/signal";
import type { Database } from "./database";
import { readLines } from "./lines";
import { Metrics } from "./metrics";
import { eventually } from "./patience";
import { RedisServer } from "./redis";
import type { Stack } from "./stack";

export type Line = LogLine & { at: number; life: number }; // when it was read here; which start of the process wrote it
export type Health = { live: number; accept: number; ready: number };
export type Batch = { partition: number; first: bigint; last: bigint; life: number };

/** Where an instance works: its topic, group, database and bus. Several instances share one. */
export type Place = {
  stack: Stack;
  database: Database;
  redis: { url: string };
  topic: string;
  group: string;
  dlq?: string;
};

export function environment(place: Place): Record<string, string> {
  return {
    SIGNAL_HTTP_HOST: "127.0.0.1",
    SIGNAL_HTTP_PORT: "0",
    SIGNAL_ADMIN_LISTEN: "127.0.0.1:0",
    SIGNAL_JWKS_URL: place.stack.issuer.url,
    SIGNAL_KAFKA_BROKERS: place.stack.kafka.broker,
    SIGNAL_KAFKA_GROUP_ID: place.group,
    SIGNAL_KAFKA_TOPIC: place.topic,
    ...(place.dlq ? { SIGNAL_KAFKA_DLQ_TOPIC: place.dlq } : {}),
    SIGNAL_KAFKA_SESSION_TIMEOUT_MS: "6000",
    SIGNAL_REDIS_URL: place.redis.url,
    SIGNAL_DATABASE_URL: place.database.url,
    SIGNAL_POLICY_TABLE: "identity.PolicyDefinition",
    SIGNAL_LOG_LEVEL: "debug",
    SIGNAL_LOG_FORMAT: "json",
    SIGNAL_DRAIN_MS: "0",
    SIGNAL_SHUTDOWN_GRACE_MS: "0",
    SIGNAL_WS_MAX_CONNECTIONS_PER_ADDRESS: "0",
    SIGNAL_WS_MAX_CONNECTIONS_PER_USER: "0",
    SIGNAL_CORS_ORIGINS: "https://shop.example",
    SIGNAL_TLS_TERMINATED: "true",
  };
}

/** Runs a command of the binary to its end. Everything it prints is kept for the search for secrets. */
export async function run(
  words: string[],
  env: Record<string, string>,
  timeoutMs?: number,
): Promise<{ code: number; out: string; seconds: number }> {
  const { code, out, err, seconds } = await command(words, env, { timeoutMs });
  printed.push(out, err);
  return { code, out: out + err, seconds };
}

/** Everything that commands printed and instances answered at /metrics, in this run. */
export const printed: string[] = [];

export class Instance {
  readonly lines: Line[] = [];
  life = 0;
  address = "";
  admin = "";
  exitCode: number | null = null;
  private child: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;
  onLine: ((line: Line) => void) | null = null; // at once, as it is read
  private static readonly all = new Set<Instance>();
  private constructor(
    readonly name: string,
    readonly env: Record<string, string>,
    readonly wrapper: string[],
    readonly program: string,
  ) {}

  /** `migrate` unless it is not wanted, then `serve`; `wrapper` is a command that runs it (prlimit, faketime),
   *  `program` another build of it. */
  static async start(
    place: Place,
    options: {
      name?: string;
      env?: Record<string, string>;
      wrapper?: string[];
      migrate?: boolean;
      program?: string;
    } = {},
  ): Promise<Instance> {
    const env = { ...environment(place), ...options.env };
    if (options.migrate ?? true) {
      const migrated = await run(["migrate"], { SIGNAL_DATABASE_URL: env.SIGNAL_DATABASE_URL! });
      if (migrated.code !== 0) throw new Error(`nx-signal migrate ended with ${migrated.code}: ${migrated.out}`);
    }
    const instance = new Instance(options.name ?? "serve", env, options.wrapper ?? [], options.program ?? binary);
    Instance.all.add(instance);
    await instance.launch();
    return instance;
  }

  get pid() {
    return this.child!.pid;
  }
  get http() {
    return `http://${this.address}`;
  }
  get ws() {
    return `ws://${this.address}/stream`;
  }
  get running() {
    return this.child !== null && this.exitCode === null;
  }

  /** Starts the process (again) and waits until it accepts clients. */
  async launch(): Promise<void> {
    const life = ++this.life;
    this.exitCode = null;
    const child = Bun.spawn([...this.wrapper, this.program, "serve"], {
      env: { ...bareEnvironment, ...this.env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.child = child;
    const take = (line: string) => {
      const at = performance.now();
      try {
        this.lines.push({ ...JSON.parse(line), at, life });
      } catch {
        this.lines.push({ event: "unparsed", level: "error", line, at, life });
      }
      this.onLine?.(this.lines.at(-1)!);
    };
    void readLines(child.stdout, take);
    void readLines(child.stderr, take);
    void child.exited.then((code) => {
      if (this.child === child) this.exitCode = code;
    });
    const listening = await eventually(
      () => this.lines.find((line) => line.life === life && line.event === "listening") ?? this.exitCode !== null,
      30_000,
      "the log line `listening`",
    );
    if (listening === true) throw new Error(`nx-signal serve ended with ${this.exitCode}: ${this.tail()}`);
    this.address = String(listening.address);
    this.admin = String(listening.admin);
    served(this.http, "public");
    served(`http://${this.admin}`, "admin");
  }

  async kill9(): Promise<void> {
    this.child!.kill("SIGKILL");
    await this.child!.exited;
  }

  /** kill -9 right after a line of that event: nothing but this process's reading of a pipe lies between. */
  async killAfter(event: string, timeoutMs: number): Promise<Line> {
    let seen: Line | null = null;
    const { child } = this;
    this.onLine = (line) => {
      if (seen || line.event !== event) return;
      seen = line;
      child!.kill("SIGKILL");
    };
    try {
      await eventually(() => seen, timeoutMs, `${this.name} to log "${event}"`);
    } finally {
      this.onLine = null;
    }
    await child!.exited;
    return seen!;
  }

  /** SIGHUP: certificate and key are read again. */
  reload(): void {
    this.child!.kill("SIGHUP");
  }

  /** SIGTERM; an end in order is exit code 0, in time, with nothing but log lines on stderr. */
  async stop(): Promise<void> {
    Instance.all.delete(this);
    if (!this.running) throw new Error(`${this.name} had ended by itself with ${this.exitCode}: ${this.tail()}`);
    this.child!.kill("SIGTERM");
    const code = await Promise.race([this.child!.exited, Bun.sleep(20_000 * patience).then(() => "late" as const)]);
    if (code === "late") this.child!.kill("SIGKILL");
    if (code !== 0) throw new Error(`${this.name} ended with ${code} after SIGTERM: ${this.tail()}`);
    const strange = this.lines.filter((line) => line.event === "unparsed");
    if (strange.length > 0)
      throw new Error(`${this.name} printed what is no log line:\n${strange.map((line) => line.line).join("\n")}`);
  }

  /** What a failed test has left running. */
  static async endAll(): Promise<void> {
    for (const one of Instance.all) if (one.running) await one.kill9();
    Instance.all.clear();
    await RedisServer.endAll();
  }

  async health(): Promise<Health> {
    const ask = async (path: string) =>
      (await fetch(`${this.http}/health/${path}`, { signal: AbortSignal.timeout(5_000 * patience) })).status;
    const [live, accept, ready] = await Promise.all([ask("live"), ask("accept"), ask("ready")]);
    return { live: live!, accept: accept!, ready: ready! };
  }
  async metrics(): Promise<Metrics> {
    const text = await (
      await fetch(`http://${this.admin}/metrics`, { signal: AbortSignal.timeout(5_000 * patience) })
    ).text();
    printed.push(text);
    return new Metrics(text);
  }
  /** Readiness with its details. */
  async details(): Promise<string> {
    const text = await (
      await fetch(`http://${this.admin}/health/ready`, { signal: AbortSignal.timeout(5_000 * patience) })
    ).text();
    printed.push(text);
    return text;
  }

  find(match: (line: Line) => boolean, since = 0): Line | undefined {
    return this.lines.find((line) => line.at >= since && match(line));
  }
  count(event: string): number {
    return this.lines.filter((line) => line.event === event).length;
  }
  tail(lines = 12): string {
    return this.lines
      .slice(-lines)
      .map((line) => JSON.stringify(line))
      .join("\n");
  }

  /** The batches this instance has committed to the database, from its debug log. */
  batches(): Batch[] {
    return this.lines
      .filter((line) => line.event === "batch stored")
      .map((line) => ({
        partition: Number(line.partition),
        first: BigInt(String(line.first_offset)),
        last: BigInt(String(line.last_offset)),
        life: line.life,
      }));
  }

  /** The local TCP ports this process holds: which of the database's backends are its own. */
  ports(): Set<number> {
    const inodes = new Set<string>();
    for (const entry of readdirSync(`/proc/${this.pid}/fd`)) {
      try {
        const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${this.pid}/fd/${entry}`));
        if (match) inodes.add(match[1]!);
      } catch {
        /* closed meanwhile */
      }
    }
    const ports = new Set<number>();
    for (const row of readFileSync(`/proc/${this.pid}/net/tcp`, "utf8").split("\n").slice(1)) {
      const columns = row.trim().split(/\s+/);
      if (columns.length > 9 && inodes.has(columns[9]!)) ports.add(parseInt(columns[1]!.split(":")[1]!, 16));
    }
    return ports;
  }
}
