// The published package on Node. Registered where there is a Node that it is for.
import { expect, test } from "bun:test";
import { Signal, until } from "../../../../tests/system/support/signal";
import { readLines } from "../../../../tests/system/harness/lines";

const version = Number(
  Bun.spawnSync(["node", "--version"])
    .stdout.toString()
    .replace(/^v(\d+).*/s, "$1"),
);

if (version >= 20) {
  test("an app on Node becomes live, hears a notification, and ends when the client is stopped", async () => {
    const server = await Signal.start();
    const flags = version < 22 ? ["--experimental-websocket"] : [];
    const app = Bun.spawn(
      [
        "node",
        ...flags,
        new URL("../support/node_app.mjs", import.meta.url).pathname,
        server.http,
        "u1",
        await server.token("u1"),
      ],
      { stdin: "pipe", stdout: "pipe", stderr: "pipe" },
    );
    const said: any[] = [];
    void readLines(app.stdout, (line) => said.push(JSON.parse(line)));
    await until(
      () => said.some(({ state }) => state === "live") || app.exitCode !== null,
      10_000,
      "the app to be live",
    );
    await server.fetch("/dev/payments", { method: "POST", json: { scope: "users", recipientIds: ["u1"], amount: 1 } });
    await until(() => said.some(({ title }) => title) || app.exitCode !== null, 10_000, "the notification");
    app.stdin.end();
    expect(await app.exited).toBe(0);
    expect(said.map(({ state, live, error }) => state ?? error ?? live)).toEqual([
      "connecting",
      "live",
      true,
      "stopped",
    ]);
    await server.stop();
  });
}
