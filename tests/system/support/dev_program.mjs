// `nx-signal dev` in a folder of its own, and the browser of Debian, headless: for what runs under node.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const launchBrowser = () =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

const entryOf = (line) => {
  try {
    return JSON.parse(line);
  } catch {
    return { event: "unparsed", level: "error", line };
  }
};

/** Resolves when the program listens. `log` gets what it logs, from its first line to its last. */
export async function startDev(binary, log = []) {
  const folder = mkdtempSync(join(tmpdir(), "signal-dev-"));
  // The settings of the test run are not Signal's, which refuses unknown ones.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNAL_")));
  const child = spawn(binary, ["dev", "--http-port", "0", "--log-format", "json"], {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise((done) => child.once("exit", (code, reason) => done(code ?? reason)));
  /** Returns the exit code, or the name of the signal that ended the program. */
  const stop = async () => {
    child.kill("SIGTERM");
    const code = await exited;
    rmSync(folder, { recursive: true, force: true });
    return code;
  };
  const listening = new Promise((found) =>
    createInterface({ input: child.stderr }).on("line", (line) => {
      const entry = entryOf(line);
      log.push(entry);
      if (entry.event === "listening") found(entry.url);
    }),
  );
  const origin = await Promise.race([listening, exited.then(() => undefined)]);
  if (origin !== undefined) return { folder, origin, stop };
  const lines = log.map((entry) => JSON.stringify(entry));
  throw new Error(`nx-signal ended with ${await stop()}:\n${lines.join("\n")}`);
}
