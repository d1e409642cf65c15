// A real proxy with the configuration that its page prints, in front of two instances, on a free port of loopback and
// in a folder of its own.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { served } from "../contracts/answers";
import { freePorts } from "../harness/free_ports";
import { readLines } from "../harness/lines";
import { eventually } from "../harness/patience";
import { makeCertificate } from "../support/certificate";
import { bareEnvironment, patience } from "../support/signal";
import type { Kind } from "./kinds";
import { filled, printed, shortened } from "./page";

export class Proxy {
  private static readonly all = new Set<Proxy>();
  readonly folder = mkdtempSync(join(tmpdir(), "signal-proxy-"));
  readonly said: string[] = [];
  starts = 0; // how many processes were started before
  port = 0;
  adminPort = 0;
  private readonly children: Bun.Subprocess[] = [];
  private constructor(
    readonly kind: Kind,
    readonly upstreams: [string, string],
  ) {
    Proxy.all.add(this);
  }

  /** `divisor`: by how much the page's lengths of silence are shortened. */
  static async open(kind: Kind, upstreams: [string, string], divisor: number): Promise<Proxy> {
    const proxy = new Proxy(kind, upstreams);
    [proxy.port, proxy.adminPort] = (await freePorts(2)) as [number, number];
    proxy.renewCertificate();
    const text = shortened(printed(kind.page, kind.file), kind.times, divisor, kind.unit);
    writeFileSync(proxy.path(basename(kind.file)), filled(text, kind.fill(proxy)));
    await proxy.start();
    served(proxy.https, "public");
    return proxy;
  }

  get https() {
    return `https://127.0.0.1:${this.port}`;
  }
  get wss() {
    return `wss://127.0.0.1:${this.port}/stream`;
  }
  path(name: string) {
    return join(this.folder, name);
  }
  text(name: string) {
    return readFileSync(this.path(name), "utf8");
  }
  fetch(path: string, init: RequestInit = {}) {
    return fetch(this.https + path, { ...init, tls: { rejectUnauthorized: false } } as RequestInit);
  }

  /** Starts a process; resolves when the proxy answers in the name of Signal. */
  async start(): Promise<void> {
    const child = Bun.spawn(this.kind.command(this), {
      cwd: this.folder,
      env: { ...bareEnvironment, HOME: this.folder },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    ++this.starts;
    this.children.push(child);
    for (const stream of [child.stdout, child.stderr])
      void readLines(stream, (line) => {
        this.said.push(line);
      });
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
        return (await this.fetch("/health/accept")).status === 200;
      },
      10_000,
      () => `${this.kind.name} to pass requests on; it said\n${this.said.slice(-20).join("\n")}`,
    );
  }
  signal(signal: NodeJS.Signals) {
    this.children.at(-1)!.kill(signal);
  }
  /** A command of the proxy's own. */
  async run(command: string[]): Promise<void> {
    const child = Bun.spawn(command, {
      cwd: this.folder,
      env: { ...bareEnvironment, HOME: this.folder },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    const error = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} ended with ${child.exitCode}: ${error}`);
  }

  /** New files of the same names. */
  renewCertificate(): void {
    const made = makeCertificate();
    copyFileSync(made.cert, this.path("cert.pem"));
    copyFileSync(made.key, this.path("key.pem"));
    writeFileSync(this.path("both.pem"), this.text("cert.pem") + this.text("key.pem"));
    rmSync(made.folder, { recursive: true });
  }

  /** The newest process first: an Envoy that starts watches the one before. */
  async end(): Promise<void> {
    Proxy.all.delete(this);
    for (const child of this.children.reverse()) {
      child.kill("SIGTERM");
      const ended = await Promise.race([child.exited, Bun.sleep(5_000 * patience).then(() => "late")]);
      if (ended === "late") child.kill("SIGKILL");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
  static async endAll(): Promise<void> {
    for (const one of [...Proxy.all]) await one.end();
  }
}
