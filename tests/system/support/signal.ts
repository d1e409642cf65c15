// Starts the built binary as a developer would (`nx-signal dev`), on a free port and a fresh database, and ends it by
// its pid.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { served } from "../contracts/answers";
import { readLines } from "../harness/lines";

export const binary = resolve(process.env.NX_SIGNAL_BINARY ?? "../../build/dev/nx-signal");
/** How much slower the program is under a sanitizer: loads and the time-outs that a test gives to it are scaled by
 *  this. */
export const slowness = process.env.NX_SIGNAL_PRESET === "tsan" ? 8 : process.env.NX_SIGNAL_PRESET === "asan" ? 4 : 1;
/** Waits are scaled by this, so that a machine ten times slower passes. A wait ends as soon as its condition holds:
 *  the factor costs the time of a failure only. */
export const patience = 10 * slowness;

/** Nothing of the test's own environment but where programs are, and how the sanitizers are set. */
export const bareEnvironment: Record<string, string> = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name === "PATH" || name.endsWith("SAN_OPTIONS")),
) as Record<string, string>;

export type LogLine = { event: string; level: string; [field: string]: unknown };

export class Signal {
  readonly logs: LogLine[] = [];
  stdout = "";
  address = "";
  broker = "";
  exitCode: number | null = null;
  private told = false; // it was told to end
  private constructor(
    private readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">,
    readonly folder: string,
    readonly tls: boolean,
  ) {}

  static async start(
    options: {
      flags?: string[];
      database?: string;
      env?: Record<string, string>;
      tls?: { cert: string; key: string };
    } = {},
  ): Promise<Signal> {
    const folder = mkdtempSync(join(tmpdir(), "signal-test-"));
    const flags = [
      "dev",
      "--http-port",
      "0",
      "--database-url",
      `sqlite:${options.database ?? `${folder}/signal.sqlite`}`,
      "--log-format",
      "json",
      ...(options.flags ?? []),
    ];
    if (options.tls) flags.push("--tls-cert", options.tls.cert, "--tls-key", options.tls.key);
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNAL_")));
    const child = Bun.spawn([binary, ...flags], {
      env: { ...inherited, ...options.env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const signal = new Signal(child, folder, Boolean(options.tls));
    void readLines(child.stdout, (line) => {
      signal.stdout += line + "\n";
    });
    void readLines(child.stderr, (line) => {
      try {
        signal.logs.push(JSON.parse(line));
      } catch {
        signal.logs.push({ event: "unparsed", level: "error", line });
      }
    });
    child.exited.then((code) => {
      signal.exitCode = code;
    });
    const listening = await until(
      () => signal.logs.find((line) => line.event === "listening") ?? (signal.exitCode === null ? undefined : "ended"),
      20_000,
      "the log line `listening`",
    );
    if (listening === "ended")
      throw new Error(`nx-signal ended with ${signal.exitCode}: ${JSON.stringify(signal.logs)} ${signal.stdout}`);
    signal.address = String((listening as LogLine).address);
    signal.broker = String((listening as LogLine).broker);
    served(signal.http, "dev");
    return signal;
  }

  get pid() {
    return this.process.pid;
  }
  get port() {
    return Number(this.address.split(":").at(-1));
  }
  get http() {
    return `${this.tls ? "https" : "http"}://127.0.0.1:${this.port}`;
  }
  get ws() {
    return `${this.tls ? "wss" : "ws"}://127.0.0.1:${this.port}/stream`;
  }
  get databasePath() {
    return `${this.folder}/signal.sqlite`;
  }

  fetch(path: string, init: RequestInit & { json?: unknown } = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("x-signal-dev", "1");
    if (init.json !== undefined) headers.set("content-type", "application/json");
    return fetch(this.http + path, {
      ...init,
      headers,
      body: init.json === undefined ? init.body : JSON.stringify(init.json),
      tls: { rejectUnauthorized: false },
    } as RequestInit);
  }

  /** A token of the embedded identity issuer. */
  async token(userId: string | number, more: Record<string, unknown> = {}): Promise<string> {
    const response = await this.fetch("/dev/token", { method: "POST", json: { userId, ...more } });
    if (!response.ok) throw new Error(`/dev/token: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { token: string }).token;
  }

  /** What another service would PUBLISH to Redis. */
  async publish(channel: string, message: unknown): Promise<void> {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    const response = await this.fetch("/dev/publish", { method: "POST", json: { channel, message: text } });
    if (!response.ok) throw new Error(`/dev/publish: ${response.status} ${await response.text()}`);
  }

  kill(signal: NodeJS.Signals = "SIGTERM") {
    this.told = true;
    this.process.kill(signal);
  }

  /** Ends the process in order; its sanitizer reports, if any, fail the test here. */
  async stop(): Promise<number> {
    if (this.exitCode === null && !this.told) this.kill();
    const code = await Promise.race([this.process.exited, Bun.sleep(30_000 * patience).then(() => "late" as const)]);
    if (code === "late") {
      this.process.kill("SIGKILL");
      throw new Error(
        `nx-signal did not end within ${30 * patience} s of SIGTERM; last lines: ` +
          `${JSON.stringify(this.logs.slice(-5))}`,
      );
    }
    rmSync(this.folder, { recursive: true, force: true });
    const unparsed = this.logs.filter((line) => line.event === "unparsed");
    if (unparsed.length > 0)
      throw new Error(`unexpected lines on stderr:\n${unparsed.map((line) => line.line).join("\n")}`);
    if (code !== 0) throw new Error(`nx-signal ended with ${code}: ${JSON.stringify(this.logs.slice(-5))}`);
    return code;
  }
}

export async function until<T>(
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeoutMs: number,
  what: string,
): Promise<T> {
  const deadline = Date.now() + timeoutMs * patience;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs * patience} ms in vain for ${what}`);
    await Bun.sleep(5);
  }
}
