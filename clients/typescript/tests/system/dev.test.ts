// The client on `nx-signal dev`: rows, frames, changes, topics, rooms.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Producer } from "kafkajs";
import { connectProducer, topic } from "../../../../tests/system/support/producer";
import { Signal, until } from "../../../../tests/system/support/signal";
import { App } from "../support/app";

let server: Signal;
let producer: Producer;
const apps: App[] = [];
const app = (user: string, more: Partial<ConstructorParameters<typeof App>[0]> = {}) => {
  const one = new App({ url: server.http, user, token: () => server.token(user), ...more });
  apps.push(one);
  return one;
};
let titles = 0;
/** Tells these users something, and returns its title. */
async function notify(...users: string[]): Promise<string> {
  const title = `n${++titles}`;
  await producer.send({
    topic,
    messages: [
      {
        key: "k",
        value: JSON.stringify({ recipientScope: "users", recipientIds: users, type: "test", title }),
        partition: 0,
      },
    ],
  });
  return title;
}
const unreadCount = async (user: string) =>
  (
    await (
      await server.fetch("/v1/notifications/unread-count", {
        headers: { authorization: `Bearer ${await server.token(user)}` },
      })
    ).json()
  ).count;

beforeAll(async () => {
  server = await Signal.start();
  producer = await connectProducer(server.broker);
});
afterEach(() => {
  for (const one of apps.splice(0)) one.client.stop();
});
afterAll(async () => {
  await producer.disconnect();
  await server.stop();
});

test("an empty inbox becomes live, and a notification arrives once, with its badge", async () => {
  const one = await app("first").live();
  expect(one.client.inbox.snapshot).toEqual({ items: [], unread: 0, hasMore: false, ready: true });
  const title = await notify("first");
  await one.waitHeard(title);
  expect(one.titles).toEqual([title]);
  expect(one.unread).toBe(1);
  expect(one.notifications.map(({ live, notification }) => [live, notification.seq])).toEqual([[true, 1]]);
  expect(one.errors).toEqual([]);
});

test("what was there before is shown, newest first, page by page", async () => {
  const before: string[] = [];
  for (let n = 0; n < 5; ++n) before.unshift(await notify("pages"));
  await until(async () => (await unreadCount("pages")) === 5, 10_000, "the rows");
  const one = await app("pages", { pageSize: 2 }).live();
  expect(one.titles).toEqual(before.slice(0, 2));
  expect(one.client.inbox.snapshot).toMatchObject({ unread: 5, hasMore: true });
  await one.client.inbox.loadMore();
  await one.client.inbox.loadMore();
  expect(one.titles).toEqual(before);
  expect(one.client.inbox.snapshot.hasMore).toBe(false);
  expect(one.heard).toEqual([]); // they are no news
});

test("read, unread, archived and unarchived are shown at once, and in the user's other client", async () => {
  const [a, b] = [await app("marks").live(), await app("marks").live()];
  const [first, second] = [await notify("marks"), await notify("marks")];
  await a.waitTitles([second, first]);
  await b.waitTitles([second, first]);
  const id = a.client.inbox.snapshot.items[0]!.id;

  const reading = a.client.inbox.markRead(id);
  expect(a.unread).toBe(1);
  await reading;
  await until(
    () => b.unread === 1 && b.client.inbox.snapshot.items[0]!.readAt,
    10_000,
    "the other client to know what was read",
  );
  await a.client.inbox.markUnread(id);
  await until(
    () => a.unread === 2 && b.unread === 2 && !b.client.inbox.snapshot.items[0]!.readAt,
    10_000,
    "both to know that it is unread",
  );
  await a.client.inbox.archive(id);
  expect(a.titles).toEqual([first]);
  await b.waitTitles([first]);
  await until(() => b.unread === 1, 10_000, "the count without the archived");
  await a.client.inbox.unarchive(id);
  await a.waitTitles([second, first]);
  await b.waitTitles([second, first]);
  await a.client.inbox.markAllRead();
  await until(
    () => a.unread === 0 && b.unread === 0 && b.client.inbox.snapshot.items.every((row) => row.readAt),
    10_000,
    "all to be read",
  );
  expect([...a.errors, ...b.errors]).toEqual([]);
});

test("a change that the server does not take is shown, taken back, and told", async () => {
  let broken = false;
  const one = await app("optimist", {
    fetch: ((url: string, init?: RequestInit) =>
      broken && init?.method ? Promise.reject(new Error("no route")) : fetch(url, init)) as typeof fetch,
  }).live();
  await one.waitHeard(await notify("optimist"));
  const shown: (string | null)[] = [];
  one.client.inbox.subscribe(() => shown.push(one.client.inbox.snapshot.items[0]!.readAt && "read"));
  broken = true;
  const failure = await one.client.inbox.markRead(one.client.inbox.snapshot.items[0]!.id).catch((error) => error);
  expect(failure.code).toBe("rest");
  expect(shown).toEqual(["read", null]);
  expect(one.unread).toBe(1);
  expect(one.errors).toEqual([failure]);
});

test("a direct push reaches the handler of its topic, and a room is heard from join to leave", async () => {
  const one = await app("u-owner").live();
  const heard: unknown[] = [];
  one.client.topic("sale/order/paid", (data) => heard.push(data));
  one.client.topic("last", (data) => heard.push(data));
  const push = (channel: string, message: object) => server.publish(channel, { serverId: "emitter", ...message });
  await push("ws:user:u-owner", { type: "user", target: "u-owner", event: "sale/order/paid", data: { id: "o1" } });
  await until(() => heard.length === 1, 10_000, "the push");
  const leave = one.client.join("org:lantern");
  await until(
    async () => {
      await push("ws:room:org:lantern", {
        type: "room",
        target: "org:lantern",
        event: "sale/order/paid",
        data: "in the room",
      });
      return heard.includes("in the room");
    },
    10_000,
    "the room",
  );
  leave();
  await Bun.sleep(100); // leaving is not answered
  heard.length = 0;
  await push("ws:room:org:lantern", {
    type: "room",
    target: "org:lantern",
    event: "sale/order/paid",
    data: "behind the door",
  });
  await push("ws:user:u-owner", { type: "user", target: "u-owner", event: "last", data: null });
  await until(() => heard.length > 0, 10_000, "the last push");
  expect(heard).toEqual([null]);
  expect(one.errors).toEqual([]);
});

test("a handler that throws, and a push with the name of a frame of Signal's, are told and stop nothing", async () => {
  const one = await app("careless").live();
  one.client.inbox.subscribe(() => {
    throw new Error("in the listener");
  });
  one.client.on("notification", () => {
    throw new Error("in the handler");
  });
  const title = await notify("careless");
  await one.waitHeard(title);
  for (const [event, data] of [
    ["caught-up", null],
    ["observation/signal/notification/created", null],
    ["observation/signal/notification/updated", "text"],
  ]) {
    await server.publish("ws:user:careless", { serverId: "emitter", type: "user", target: "careless", event, data });
  }
  const next = await notify("careless");
  await one.waitHeard(next);
  await one.waitTitles([next, title]);
  expect(one.statuses.map(({ state }) => state)).toEqual(["connecting", "live"]);
  expect(new Set(one.errors.map(({ code }) => code))).toEqual(new Set(["handler", "unexpected"]));
  await until(async () => one.unread === (await unreadCount("careless")), 10_000, "the badge");
});
