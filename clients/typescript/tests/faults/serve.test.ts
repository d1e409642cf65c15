// The client on two instances of `nx-signal serve`, on a real Kafka, PostgreSQL and Redis.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { Instance, run } from "../../../../tests/system/harness/instance";
import { eventually } from "../../../../tests/system/harness/patience";
import { RedisServer } from "../../../../tests/system/harness/redis";
import { Scene } from "../../../../tests/system/harness/scene";
import { ChaosProxy } from "../support/chaos_proxy";
import { App, Kept } from "../support/app";
import { difference, truthOf } from "../support/truth";

let scene: Scene;
let redis: RedisServer;
let proxy: ChaosProxy;
const apps: App[] = [];

const token = (user: string | number, seconds = 3_600) =>
  scene.stack.issuer.token({ userId: user }, { exp: Math.floor(Date.now() / 1000) + seconds });
const app = (user: string, more: Partial<ConstructorParameters<typeof App>[0]> = {}) => {
  const one = new App({
    url: proxy.url,
    user,
    token: () => token(user),
    pingEveryMs: 1_000,
    pongWithinMs: 2_000,
    checkEveryMs: 2_000,
    ...more,
  });
  apps.push(one);
  return one;
};
async function notify(...users: string[]): Promise<string> {
  const message = scene.note(undefined, users);
  await scene.send([message]);
  return message.title!;
}
/** Waits until an app shows what the database has. */
async function equal(one: App, user: string) {
  let said: string | null = null;
  await eventually(
    async () => (said = difference(one.client.inbox.snapshot, await truthOf(scene.database, user))) === null,
    10_000,
    () => `the rows of ${user}: ${said}; ${one.told()}`,
  );
}
const stored = async (user: string, count: number) =>
  eventually(
    async () => (await truthOf(scene.database, user)).rows.length === count,
    30_000,
    `${count} rows of ${user}`,
  );

beforeAll(async () => {
  redis = await RedisServer.start();
  scene = await Scene.open({ instances: 2, redis });
  proxy = await ChaosProxy.start(() => scene.instances.filter((one) => one.running).map((one) => one.address));
});
afterEach(() => {
  for (const one of apps.splice(0)) one.client.stop();
});
afterAll(async () => {
  await proxy.end();
  await scene.close({ live: false });
  await redis.end();
  await Instance.endAll();
});

test("after kill -9 of its instance the client goes on at the other, with everything and nothing twice", async () => {
  const one = await app("killed").live();
  await one.waitHeard(await notify("killed"));
  const victim = (
    await Promise.all(
      scene.instances.map(async (instance) => ({
        instance,
        clients: (await instance.metrics()).sum("signal_connections"),
      })),
    )
  ).sort((a, b) => b.clients - a.clients)[0]!.instance;
  await victim.kill9();
  const titles = [await notify("killed"), await notify("killed")];
  await stored("killed", 3);
  await equal(one, "killed");
  for (const title of titles) await one.waitHeard(title);
  expect(new Set(one.heard).size).toBe(one.heard.length);
  expect(one.statuses.some(({ closed }) => closed?.code === 1006)).toBe(true);
  expect(one.errors.filter(({ code }) => code !== "rest")).toEqual([]);
  await victim.launch();
});

test("a client that was away hears what it missed, once, when it comes again with the same storage", async () => {
  const storage = new Kept();
  const before = await app("away", { storage }).live();
  await before.waitHeard(await notify("away"));
  before.client.stop();
  const missed = [await notify("away"), await notify("away")];
  await stored("away", 3);
  const after = await app("away", { storage }).live();
  await eventually(() => after.heard.length === 2, 10_000, `two missed: ${after.told()}`);
  expect([new Set(after.heard), after.notifications.map(({ live }) => live)]).toEqual([
    new Set(missed),
    [false, false],
  ]);
  await equal(after, "away");
});

test("a new epoch makes the kept position worthless, and the inbox is read anew", async () => {
  const storage = new Kept();
  const before = await app("restored", { storage }).live();
  const titles = [await notify("restored"), await notify("restored"), await notify("restored")];
  for (const title of titles) await before.waitHeard(title);
  before.client.stop();
  const kept = JSON.parse([...storage.items.values()][0]!);
  expect(kept.seq).toBe(3);
  // A restored database: the newest row was never there, and its number goes to another.
  scene.history.expected.get(before.client.inbox.snapshot.items[0]!.title)!.recipients.delete("restored");
  await scene.database.query(`WITH u AS (SELECT user_no FROM signal."ActivityInbox" WHERE user_id = 'restored'),
      gone AS (DELETE FROM signal."ActivityNotificationRecipient" r USING u WHERE r.user_no = u.user_no AND r.seq = 3)
    UPDATE signal."ActivityInbox" i SET last_seq = 2, live = 2, unread = 2 FROM u WHERE i.user_no = u.user_no`);
  expect((await run(["migrate", "--new-epoch"], { SIGNAL_DATABASE_URL: scene.database.url })).code).toBe(0);
  const title = await notify("restored");
  await stored("restored", 3);
  const after = await app("restored", { storage }).live();
  await equal(after, "restored");
  expect(after.titles[0]).toBe(title);
  await eventually(
    () => JSON.parse([...storage.items.values()][0]!).epoch !== kept.epoch,
    10_000,
    "the new epoch to be kept",
  );
});

test("tokens of four seconds are renewed on the open connection", async () => {
  let asked = 0;
  const one = await app("short", {
    pingEveryMs: 400,
    token: () => {
      ++asked;
      return token("short", 4);
    },
  }).live();
  await eventually(() => asked >= 3, 30_000, "three tokens");
  await one.waitHeard(await notify("short"));
  expect([one.statuses.map(({ state }) => state), one.errors]).toEqual([["connecting", "live"], []]);
});

test("an operator's disconnect is told, and nothing comes back until the app starts it again", async () => {
  const one = await app("kicked", {
    token: async () => {
      await Bun.sleep(1_100);
      return token("kicked");
    },
  }).live(); // of a later second than the disconnect
  const operator = await scene.stack.issuer.token({
    userId: "operator",
    roles: [{ id: "1", identifier: "999_super-admin", priority: 999 }],
  });
  const kicked = await fetch(`${scene.first.http}/v1/socket/websocket/clients?userId=kicked`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${operator}` },
  });
  expect(kicked.status).toBe(200);
  await one.waitState("stopped");
  expect(one.errors.filter(({ code }) => code === "closed").map(({ status }) => status)).toEqual([4009]);
  one.client.wake();
  expect(one.client.status.state).toBe("stopped");
  one.client.start();
  await one.waitState("live");
  await one.waitHeard(await notify("kicked"));
});

/** A socket that swallows frames: what is lost between instances looks the same. */
class Lossy extends WebSocket {
  static swallowing = false;
  override set onmessage(take: ((event: MessageEvent) => void) | null) {
    super.onmessage =
      take &&
      ((event) => {
        if (!Lossy.swallowing) take(event);
      });
  }
}

test("a lost hint is filled in when the next one shows the gap, and found without another one", async () => {
  const one = await app("deaf", { WebSocket: Lossy as never, checkEveryMs: 4_000, pingEveryMs: 60_000 }).live();
  Lossy.swallowing = true;
  const lost = await notify("deaf");
  await stored("deaf", 1);
  await Bun.sleep(200);
  Lossy.swallowing = false;
  const next = await notify("deaf");
  await one.waitHeard(next);
  await one.waitHeard(lost);
  expect(one.heard).toEqual([next, lost]);
  await equal(one, "deaf");
  Lossy.swallowing = true;
  await notify("deaf");
  await stored("deaf", 3);
  await equal(one, "deaf");
  Lossy.swallowing = false;
});

test("a client of one user never takes another user's token", async () => {
  const one = app("mine", { token: () => token("theirs") });
  one.client.start();
  await eventually(() => one.errors.length > 0, 10_000, "the error");
  expect([one.errors[0]!.code, one.client.status.state, one.titles]).toEqual(["user", "stopped", []]);
});

test("the user changes: the first client is stopped, the second has rows and position of its own", async () => {
  const storage = new Kept();
  const first = await app("first-user", { storage }).live();
  await first.waitHeard(await notify("first-user"));
  first.client.stop();
  const second = await app("second-user", { storage }).live();
  await second.waitHeard(await notify("first-user", "second-user"));
  await equal(second, "second-user");
  await stored("first-user", 2);
  expect([first.heard.length, second.heard.length, storage.items.size]).toEqual([1, 1, 2]);
});

test("half a line: the client finds out by itself and catches up", async () => {
  const one = await app("half-open").live();
  await one.client.inbox.markAllRead();
  proxy.silence();
  const title = await notify("half-open");
  await one.waitHeard(title);
  await equal(one, "half-open");
});

test("half a line from the very beginning: the client leaves it, and is live again on another", async () => {
  const one = await app("half-open-at-once").live();
  proxy.silence();
  await one.waitState("waiting");
  await one.waitState("live");
  const title = await notify("half-open-at-once");
  await one.waitHeard(title);
  expect(one.notifications.map(({ live }) => live)).toEqual([true]);
});

test("without WebCrypto the app is told, and the inbox goes on over REST", async () => {
  const { subtle } = crypto;
  Object.defineProperty(globalThis.crypto, "subtle", { value: undefined, configurable: true });
  try {
    const one = app("plain-http");
    one.client.start();
    expect(one.errors.map(({ code, message }) => [code, /https/.test(message)])).toEqual([["insecure", true]]);
    // the test itself signs tokens
    Object.defineProperty(globalThis.crypto, "subtle", { value: subtle, configurable: true });
    await notify("plain-http");
    await stored("plain-http", 1);
    await equal(one, "plain-http");
    expect(one.client.status.state).toBe("stopped");
  } finally {
    Object.defineProperty(globalThis.crypto, "subtle", { value: subtle, configurable: true });
  }
});
