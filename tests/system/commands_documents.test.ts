// What the program prints of itself (completions, manual, version, settings), and what it says of the running instance.
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "./support/command";
import { Signal } from "./support/signal";

const folder = mkdtempSync(join(tmpdir(), "signal-documents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kVersion = [
  /^nx-signal \d+\.\d+\.\d+$/,
  /^commit +([0-9a-f]{40}(\+changes)?|unknown)$/,
  /^build +(Debug|Release), \S+ \d/,
  /^linked +OpenSSL 3\.\S+, librdkafka \d/,
  /^built with simdjson \d/,
];

test.each([
  [["ser"], ["serve"]],
  [
    ["serve", "--http-"],
    ["--http-host", "--http-port"],
  ],
  [
    ["serve", "--http-port", "0", "--log-level", ""],
    ["trace", "debug", "info", "warn", "error"],
  ],
  [["emit", "b"], ["broadcast"]],
  [["emit", "room", "--ex"], ["--exclude"]],
])("bash completes %j with %j by the program's own script", async (words, completed) => {
  const script = join(folder, "completion");
  await Bun.write(script, (await command(["completion", "bash"])).out);
  const line = ["nx-signal", ...words].map((word) => `'${word}'`).join(" ");
  const given = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}`;
  const asked = `. ${script}; ${given}; _nx_signal; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = Bun.spawnSync(["bash", "-c", asked]);
  expect(stderr.toString()).toBe("");
  expect(stdout.toString().trim().split("\n")).toEqual(completed);
});

test("--version names commit, build and libraries", async () => {
  const lines = (await command(["--version"])).out.trim().split("\n");
  expect(lines.length).toBe(kVersion.length);
  for (const [number, line] of lines.entries()) expect(line).toMatch(kVersion[number]!);
});

test.each(["nx-signal", "nx-signal.env"])("man %s is a page of the manual", async (page) => {
  expect((await command(["man", page])).out).toStartWith(`.TH ${page.toUpperCase()} `);
});

test("config --env sets nothing, and config alone is bad usage", async () => {
  const lines = (await command(["config", "--env"])).out.split("\n");
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
  expect((await command(["config"])).code).toBe(2);
});

test("health is 0 while the instance answers, and 1 when nobody does", async () => {
  const signal = await Signal.start();
  const settings = { SIGNAL_ADMIN_LISTEN: "", SIGNAL_HTTP_HOST: "127.0.0.1", SIGNAL_HTTP_PORT: String(signal.port) };
  for (const probe of ["live", "accept", "ready"]) {
    expect(await command(["health", probe], settings)).toMatchObject({ code: 0, err: "" });
  }
  expect((await command(["health", "dead"], settings)).code).toBe(2);
  await signal.stop();
  expect(await command(["health", "live"], settings)).toMatchObject({ code: 1, out: "" });
});
