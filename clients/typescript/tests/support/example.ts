// Runs an example as its README says: the command of the page, with the addresses of the test in place of those that
// are printed.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readLines } from "../../../../tests/system/harness/lines";
import { eventually } from "../../../../tests/system/harness/patience";

const examples = resolve(import.meta.dir, "../../examples");

/** The commands of a README, as printed. */
export function commandsOf(example: string): string[] {
  const page = readFileSync(join(examples, example, "README.md"), "utf8");
  return [...page.matchAll(/```sh\n(.*?)\n```/gs)].map((found) => found[1]!);
}

/** A Node that is too old for the client (Debian's) is replaced by bun; 20 and 21 have WebSocket behind a flag. */
function runtime(folder: string): Record<string, string> {
  const said = Bun.spawnSync(["node", "--version"]).stdout.toString();
  const version = Number(/^v(\d+)/.exec(said)?.[1] ?? 0);
  if (version >= 22) return {};
  const program = version >= 20 ? `"${Bun.which("node")}" --experimental-websocket` : `"${process.execPath}"`;
  writeFileSync(`${folder}/node`, `#!/bin/sh\nexec ${program} "$@"\n`);
  chmodSync(`${folder}/node`, 0o755);
  return { PATH: `${folder}:${process.env.PATH}` };
}

export class Example {
  static readonly all = new Set<Example>();
  readonly out: string[] = [];
  readonly errors: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "signal-example-"));
  #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  #read: Promise<unknown>;

  /** `replaced`: texts of the command, each with what stands in its place. */
  constructor(example: string, replaced: Record<string, string>, env: Record<string, string> = {}, command = 0) {
    let line = commandsOf(example)[command]!;
    for (const [printed, own] of Object.entries(replaced)) {
      if (!line.includes(printed)) throw new Error(`the README of ${example} does not have ${printed} in ${line}`);
      line = line.replaceAll(printed, own);
    }
    // A single command replaces the shell: signals reach it.
    this.#process = Bun.spawn(["bash", "-c", `exec env ${line}`], {
      cwd: join(examples, example),
      env: {
        ...(process.env as Record<string, string>),
        ...(/\bnode /.test(line) ? runtime(this.folder) : {}),
        ...env,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#read = Promise.all([
      readLines(this.#process.stdout, (text) => this.out.push(text)),
      readLines(this.#process.stderr, (text) => this.errors.push(text)),
    ]);
    Example.all.add(this);
  }

  /** Waits for a line of its output or of its errors; resolves with what the expression has found. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    return eventually(
      () => {
        for (const line of [...this.out, ...this.errors]) {
          const found = what.exec(line);
          if (found) return found;
        }
        if (this.#process.exitCode !== null) throw new Error(`it ended with ${this.#process.exitCode}`);
      },
      10_000,
      () => `${what}; it said ${JSON.stringify([this.out, this.errors])}`,
    );
  }

  /** Ends it by a signal; resolves with its exit code. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number> {
    if (this.#process.exitCode === null) this.#process.kill(signal);
    return this.exited();
  }
  /** Waits until it ends by itself; resolves with its exit code. */
  async exited(): Promise<number> {
    const code = await this.#process.exited;
    await this.#read;
    Example.all.delete(this);
    rmSync(this.folder, { recursive: true, force: true });
    return code;
  }
  static async endAll() {
    for (const one of [...Example.all]) await one.end("SIGKILL");
  }
}
