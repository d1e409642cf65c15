// The code of the README, as a reader would paste it, on a real server.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Signal, until } from "../../../../tests/system/support/signal";

test("the quick start of the client's README is ten lines, and shows a notification", async () => {
  const server = await Signal.start();
  const page = readFileSync(resolve(import.meta.dir, "../../packages/client/README.md"), "utf8");
  const code = /```ts\n(.*?)```/s.exec(page)![1]!;
  expect(
    code
      .trim()
      .split("\n")
      .filter((line) => line && !line.startsWith("import")).length,
  ).toBeLessThanOrEqual(10);
  const said: string[] = [];
  const built = new Bun.Transpiler({ loader: "ts" }).transformSync(code.replace(/^import.*\n/m, ""));
  const run = new Function(
    "createSignal",
    "fetch",
    "console",
    `${built.replaceAll("https://signal.example", server.http)}; return signal;`,
  );
  const { createSignal } = await import("../../packages/client/src/index");
  const token = await server.token("u1");
  const signal = run(createSignal, async () => new Response(token), {
    log: (...words: unknown[]) => said.push(JSON.stringify(words)),
    warn: (...words: unknown[]) => said.push(`error ${words}`),
  });
  try {
    await until(() => signal.status.state === "live", 10_000, "the client to be live");
    const paid = await server.fetch("/dev/payments", {
      method: "POST",
      json: { scope: "users", recipientIds: ["u1"], amount: 12.5 },
    });
    expect(paid.ok).toBe(true);
    await until(() => said.some((line) => line.startsWith('[1,"unread:",["')), 10_000, "a line with the notification");
    expect(said.filter((line) => line.startsWith("error"))).toEqual([]);
  } finally {
    signal.stop();
    await server.stop();
  }
});
