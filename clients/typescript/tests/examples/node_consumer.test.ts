// The consumer on Node, as its README runs it, on `nx-signal serve` with a real Kafka, PostgreSQL and Redis.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instance } from "../../../../tests/system/harness/instance";
import { eventually } from "../../../../tests/system/harness/patience";
import { Scene } from "../../../../tests/system/harness/scene";
import { Example } from "../support/example";
import { Identity } from "../support/identity";
import { truthOf } from "../support/truth";

let scene: Scene;
let identity: Identity;
const folder = mkdtempSync(join(tmpdir(), "signal-consumer-"));

beforeAll(async () => {
  scene = await Scene.open();
  identity = new Identity(scene.stack.issuer);
});
afterEach(() => Example.endAll());
afterAll(async () => {
  identity.end();
  await scene.close({ live: false });
  await Instance.endAll();
  rmSync(folder, { recursive: true });
});

const consumer = async (user: string) => {
  const one = new Example(
    "node-consumer",
    {
      "http://127.0.0.1:3000": scene.first.http,
      "u-owner": user,
      "position.json": join(folder, user),
    },
    { SIGNAL_TOKEN_URL: identity.url },
  );
  await one.says(/^status: live/);
  return one;
};
async function notify(user: string): Promise<string> {
  const message = scene.note(0, [user]); // one partition keeps its order
  await scene.send([message]);
  return message.title!;
}
const printed = (one: Example) => one.out.map((line) => JSON.parse(line) as Record<string, unknown>);
const hears = (one: Example, count: number) =>
  eventually(
    () => one.out.length >= count,
    10_000,
    () => `${count} lines; there are ${one.out} and ${one.errors}`,
  );

test("it prints what arrives, and after a restart what it missed, each once", async () => {
  const before = await consumer("restarted");
  const heard = await notify("restarted");
  await hears(before, 1);
  expect(await before.end()).toBe(0);
  expect(printed(before).map(({ title, live, seq }) => [title, live, seq])).toEqual([[heard, true, 1]]);
  const missed = [await notify("restarted"), await notify("restarted")];
  await eventually(
    async () => (await truthOf(scene.database, "restarted")).rows.length === 3,
    30_000,
    "the rows that it missed",
  );
  const after = await consumer("restarted");
  await hears(after, 2);
  const next = await notify("restarted");
  await hears(after, 3);
  expect(await after.end()).toBe(0);
  expect(printed(after).map(({ title, live }) => [title, live])).toEqual([
    ...missed.map((title) => [title, false]),
    [next, true],
  ]);
  expect([...before.errors, ...after.errors].filter((line) => !line.startsWith("status: "))).toEqual([]);
});

test("killed again and again while notifications arrive, it prints all of them", async () => {
  let one = await consumer("killed");
  // Without any position, a start would begin at that moment, as the very first does.
  await eventually(() => existsSync(join(folder, "killed")), 10_000, "the first position");
  const lines: Record<string, unknown>[] = [];
  const titles: string[] = [];
  for (let kill = 0; kill < 3; ++kill) {
    for (let n = 0; n < 5; ++n) titles.push(await notify("killed"));
    await hears(one, 1);
    await one.end("SIGKILL");
    lines.push(...printed(one));
    titles.push(await notify("killed"));
    one = await consumer("killed");
  }
  await eventually(
    () => new Set([...lines, ...printed(one)].map(({ title }) => title)).size === titles.length,
    10_000,
    () => `${titles.length} titles; there are ${JSON.stringify([lines, one.out])}`,
  );
  lines.push(...printed(one));
  expect(new Set(lines.map(({ title }) => title))).toEqual(new Set(titles));
  // Only a crash repeats: within one life nothing is printed twice, and the whole has each at most once as live.
  const live = lines.filter((line) => line.live).map(({ title }) => title);
  expect([new Set(live).size, new Set(printed(one).map(({ id }) => id)).size]).toEqual([live.length, one.out.length]);
  expect(await one.end()).toBe(0);
});

test("a token of another user ends it with an error that says so", async () => {
  const wrong = new Identity({
    token: () => scene.stack.issuer.token({ userId: "somebody-else" }),
  } as never);
  const one = new Example(
    "node-consumer",
    { "http://127.0.0.1:3000": scene.first.http, "u-owner": "me", "position.json": join(folder, "me") },
    { SIGNAL_TOKEN_URL: wrong.url },
  );
  await one.says(/^user: the token is of user somebody-else/);
  await one.says(/^status: stopped/);
  expect(await one.end()).toBe(1);
  wrong.end();
});
