// docs/tutorial.md: its commands run as they are printed, each in its terminal, and what they print is what the page
// says.
// Two things differ from a reader's: the port, which is a free one, and the build within script/server, which
// tests/first_run runs.
import { afterEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./harness/free_ports";
import { bareEnvironment, binary, until } from "./support/signal";

const root = join(import.meta.dir, "../..");
const page = readFileSync(join(root, "docs/tutorial.md"), "utf8");
type Block = { kind: "sh" | "text"; terminal: string; text: string };
const blocks: Block[] = [...page.matchAll(/^```(\S*) ?(\S*)\n([\s\S]*?)^```$/gm)].map(([, kind, terminal, text]) => ({
  kind: kind as Block["kind"],
  terminal: terminal!,
  text: text!,
}));

/** `…` is what differs from run to run. */
const pattern = (text: string) =>
  text
    .trimEnd()
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[\\s\\S]*?");

/**
 * A shell in which a reader types: a group of processes of its own, so that Ctrl-C reaches the command and not the
 * shell.
 */
class Terminal {
  output = "";
  private readonly shell;
  constructor(folder: string) {
    this.shell = Bun.spawn(["bash", "--noprofile", "--norc"], {
      cwd: folder,
      env: bareEnvironment,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    for (const stream of [this.shell.stdout, this.shell.stderr]) {
      void (async () => {
        const decoder = new TextDecoder();
        for await (const chunk of stream) this.output += decoder.decode(chunk, { stream: true });
      })();
    }
  }
  /** Forgets what was printed before. */
  type(commands: string): void {
    this.output = "";
    this.shell.stdin.write(commands);
    this.shell.stdin.flush();
  }
  /** As a shell does that reads from a terminal: the signal goes to what runs in it. */
  async ctrlC(): Promise<void> {
    for (const child of await children(this.shell.pid)) process.kill(child, "SIGINT");
    await until(async () => (await children(this.shell.pid)).length === 0, 20_000, "the end of the command");
  }
  async close(): Promise<void> {
    for (const child of await children(this.shell.pid)) process.kill(child, "SIGTERM");
    this.shell.kill("SIGTERM");
    await this.shell.exited;
  }
}
const children = async (pid: number) =>
  (await new Response(Bun.spawn(["ps", "-o", "pid=", "--ppid", String(pid)], { stdout: "pipe" }).stdout).text())
    .split("\n")
    .filter(Boolean)
    .map(Number);

const terminals = new Map<string, Terminal>();
const folder = mkdtempSync(join(tmpdir(), "signal-tutorial-"));
afterEach(async () => {
  for (const terminal of terminals.values()) await terminal.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the tutorial's commands print what it says", async () => {
  const [port] = await freePorts(1);
  const here = (text: string) => text.replaceAll("127.0.0.1:3000", `127.0.0.1:${port}`);
  mkdirSync(join(folder, "build/release"), { recursive: true });
  symlinkSync(binary, join(folder, "build/release/nx-signal"));
  const server = readFileSync(join(root, "script/server"), "utf8").trimEnd().split("\n").at(-1)!;
  expect(server).toBe('exec build/release/nx-signal dev "$@"');
  expect(
    blocks.filter(({ kind, terminal }) => !["sh", "text"].includes(kind) || !/^terminal-[123]$/.test(terminal)),
  ).toEqual([]);
  expect(blocks.map(({ kind }) => kind)).toContain("text");

  for (const [number, { kind, terminal: name, text }] of blocks.entries()) {
    const terminal = terminals.get(name) ?? terminals.set(name, new Terminal(folder)).get(name)!;
    if (kind === "sh") {
      await terminal.ctrlC(); // a till that still runs there; the page says so
      terminal.type(
        text === "script/server\n"
          ? `${server.replace("exec ", "").replace('"$@"', `--http-port ${port}`)}\n`
          : here(text),
      );
    } else {
      const expected = new RegExp(`^${pattern(here(text))}$`, "m");
      await until(() => expected.test(terminal.output), 30_000, `what block ${number} of ${name} says`).catch(
        (error) => {
          throw new Error(`${error.message}\nThe page says:\n${text}\nIt printed:\n${terminal.output}`);
        },
      );
    }
  }
  await terminals.get("terminal-1")!.ctrlC();
}, 600_000);
