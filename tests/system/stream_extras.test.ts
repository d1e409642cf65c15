// What stands under the table: rooms, catch-up, liveness, refresh, expiry, limits.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { IgnisClient, type Frame } from "./support/ignis_client";
import { Issuer } from "./support/issuer";
import { addPolicies, removePolicies } from "./support/policies";
import { connectProducer, topic } from "./support/producer";
import { RawClient } from "./support/raw_client";
import { binary, Signal, until } from "./support/signal";

let issuer: Issuer;
let signal: Signal;
beforeAll(async () => {
  issuer = await Issuer.start();
  signal = await Signal.start({ flags: ["--jwks-url", issuer.url, "--ws-messages-per-second", "0"] });
  addPolicies(signal.databasePath, [
    { subject: ["User", "amy"], target: ["Merchant", "shop"] },
    { subject: ["User", "ben"], target: ["Organizer", "chain"] },
    { variant: "group", subject: ["User", "old"], target: ["Merchant", "shop"] },
    { variant: "domain_inherits", subject: ["Merchant", "shop"], target: ["Organizer", "chain"] },
    { subject: ["User", "gone"], target: ["Merchant", "shop"], deleted: true },
  ]);
});
afterAll(async () => {
  await signal.stop();
  issuer.stop();
});

const connect = async (userId: unknown, more: Record<string, unknown> = {}, at = signal) =>
  IgnisClient.connect(at.ws, await issuer.token({ userId, roles: [] }), more);
const say = (room: string, data: unknown, exclude?: string[]) =>
  signal.publish(`ws:room:${room}`, {
    serverId: "emitter",
    type: "room",
    target: room,
    event: "said",
    data,
    ...(exclude && { exclude }),
  });
/** A broadcast behind everything that was published: when it is there, so is what came before. */
async function settle(clients: IgnisClient[]) {
  const mark = crypto.randomUUID();
  await signal.publish("ws:broadcast", { serverId: "emitter", type: "broadcast", event: "mark", data: mark });
  for (const client of clients) await client.waitFrame((frame) => frame.event === "mark" && frame.data === mark);
}
const heard = (client: IgnisClient) =>
  client.frames.filter((frame) => frame.event === "said").map((frame) => frame.data);
/** `join` has no answer: a ping behind it, then the look-up, tells when it was handled. */
async function joined(client: IgnisClient, rooms: unknown[], room: string) {
  client.send({ event: "join", data: { rooms } });
  await until(
    async () => {
      const probe = crypto.randomUUID();
      await say(room, probe);
      await settle([client]);
      return heard(client).includes(probe);
    },
    5_000,
    `${room} to be joined`,
  );
  client.frames.length = 0;
}

describe("rooms", () => {
  test("every client is in ws-default, ws-notification and the room of its own id", async () => {
    const client = await connect("amy");
    await say("ws-default", 1);
    await say("ws-notification", 2);
    await say(client.connected.id, 3);
    await say("ws-other", 4);
    await settle([client]);
    expect(heard(client)).toEqual([1, 2, 3]);
    client.close();
  });

  test("org: and merchant: rooms are joined where policy rows make a member, an inherited one included, nothing else", async () => {
    const [amy, ben, old, gone] = await Promise.all(["amy", "ben", "old", "gone"].map((user) => connect(user)));
    const rooms = ["org:chain", "merchant:shop", "merchant:other", "ws:room:x", "anything", "", 5, "x".repeat(257)];
    await joined(amy!, rooms, "merchant:shop");
    await joined(ben!, rooms, "merchant:shop");
    await joined(ben!, rooms, "org:chain");
    await joined(old!, rooms, "merchant:shop");
    gone!.send({ event: "join", data: { rooms } });
    await Bun.sleep(300);
    for (const client of [amy!, ben!, old!, gone!]) client.frames.length = 0;
    for (const room of ["org:chain", "merchant:shop", "merchant:other", "anything"]) await say(room, room);
    await settle([amy!, ben!, old!, gone!]);
    expect(heard(amy!)).toEqual(["merchant:shop"]);
    expect(heard(ben!)).toEqual(["org:chain", "merchant:shop"]);
    expect(heard(old!)).toEqual(["merchant:shop"]);
    expect(heard(gone!)).toEqual([]);
    for (const client of [amy!, ben!, old!, gone!]) client.close();
  });

  test("leave is honoured, but not for a client's own room; exclude names clients", async () => {
    const [a, b] = await Promise.all([connect("amy"), connect("amy")]);
    a!.send({ event: "leave", data: { rooms: ["ws-default", a!.connected.id] } });
    a!.send({ event: "ping" });
    await a!.waitFrame((frame) => frame.event === "pong");
    await say("ws-default", "default");
    await say(a!.connected.id, "own");
    await say("ws-notification", "not b", [b!.connected.id]);
    await settle([a!, b!]);
    expect(heard(a!)).toEqual(["own", "not b"]);
    expect(heard(b!)).toEqual(["default"]);
    a!.close();
    b!.close();
  });

  test("membership that was lost is left at the re-check", async () => {
    addPolicies(signal.databasePath, [{ subject: ["User", "leaver"], target: ["Merchant", "shop"] }]);
    const client = await connect("leaver");
    await joined(client, ["merchant:shop"], "merchant:shop");
    removePolicies(signal.databasePath, "leaver");
    client.send({ event: "refresh", data: { token: await issuer.token({ userId: "leaver" }) } });
    await client.waitFrame((frame) => frame.event === "refreshed");
    await until(
      async () => {
        client.frames.length = 0;
        await say("merchant:shop", "still?");
        await settle([client]);
        return heard(client).length === 0;
      },
      10_000,
      "the room to be left",
    );
    client.close();
  });

  test("direct pushes reach a user's every connection, one client, or all; both envelopes", async () => {
    const [a, b, c] = await Promise.all([connect("five"), connect("five"), connect("other")]);
    const push = (channel: string, message: unknown) => signal.publish(channel, message);
    await push("ws:user:five", { serverId: "emitter", type: "user", target: "five", event: "said", data: "user" });
    await push(`ws:client:${a!.connected.id}`, {
      serverId: "emitter",
      type: "client",
      target: a!.connected.id,
      event: "said",
      data: "client",
    });
    await push("ws:broadcast", { topic: "said", data: "to user", destination: "five" });
    await push("ws:broadcast", { topic: "said", data: "to client", destination: b!.connected.id });
    await push("ws:broadcast", { topic: "said", data: "null is malformed", destination: null });
    await push("ws:broadcast", "not json");
    await push("ws:user:x", { serverId: "emitter", type: "user", event: "said", data: "no target" });
    await settle([a!, b!, c!]);
    expect(heard(a!)).toEqual(["user", "client", "to user"]);
    expect(heard(b!)).toEqual(["user", "to user", "to client"]);
    expect(heard(c!)).toEqual([]);
    for (const client of [a!, b!, c!]) client.close();
  });
});

describe("liveness and token", () => {
  test("ping is answered with pong, the id as it came or absent", async () => {
    const client = await connect("amy");
    for (const id of ["a", 7]) client.send({ event: "ping", id });
    client.send({ event: "ping" });
    const pongs = await until(() => client.frames.length >= 3 && client.frames, 5_000, "three pongs");
    expect(pongs.map((pong) => pong.data.id)).toEqual(["a", 7, undefined]);
    for (const pong of pongs) expect(pong.data.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    client.close();
  });

  test("refresh extends, of the same user only; three failures in a minute close 4003", async () => {
    const client = await connect("amy");
    const exp = Math.floor(Date.now() / 1000) + 7200;
    client.send({ event: "refresh", data: { token: await issuer.token({ userId: "amy" }, { exp }) } });
    const refreshed = await client.waitFrame((frame) => frame.event === "refreshed");
    expect(refreshed.data).toEqual({ expiresAt: new Date(exp * 1000).toISOString() });
    client.send({ event: "refresh", data: { token: await issuer.token({ userId: "ben" }) } });
    client.send({ event: "refresh", data: {} });
    await until(() => client.frames.filter((frame) => frame.event === "error").length === 2, 5_000, "two errors");
    expect(client.frames.at(-1)).toEqual({ event: "error", data: { message: "Refresh failed" } });
    expect(client.closed).toBeNull();
    client.send({ event: "refresh", data: { token: "x" } });
    expect(await client.waitClosed()).toEqual({ code: 4003, reason: "Authentication failed" });
  });

  test("a connection whose token runs out is closed 4005, with `ignore` it stays", async () => {
    const soon = () => ({ exp: Math.floor(Date.now() / 1000) - 3 }); // within the leeway of 5 s
    const lenient = await Signal.start({ flags: ["--jwks-url", issuer.url, "--ws-token-expiry", "ignore"] });
    const stays = await IgnisClient.connect(lenient.ws, await issuer.token({ userId: "amy" }, soon()));
    const client = await IgnisClient.connect(signal.ws, await issuer.token({ userId: "amy" }, soon()));
    expect(await client.waitClosed(80_000)).toEqual({ code: 4005, reason: "Token expired" });
    expect(stays.closed).toBeNull();
    await lenient.stop();
  });
});

describe("catch-up", () => {
  test("a `since` that is no integer ≥ 0: `Invalid since`, no catch-up, the connection stays", async () => {
    for (const since of [-1, 1.5, "x", null, true, {}]) {
      const client = await connect("amy", { since });
      expect(await client.waitFrame((frame) => frame.event === "error")).toEqual({
        event: "error",
        data: { message: "Invalid since" },
      });
      client.send({ event: "ping" });
      await client.waitFrame((frame) => frame.event === "pong");
      expect(client.events()).toEqual(["error", "pong"]);
      client.close();
    }
  });

  test("missed rows come in order, at most 500, then caught-up says how far", async () => {
    const producer = await connectProducer(signal.broker);
    await producer.send({
      topic,
      messages: Array.from({ length: 510 }, (_, n) => ({
        key: "k",
        value: JSON.stringify({
          recipientScope: "users",
          recipientIds: ["absent"],
          type: "t",
          title: `n${n}`,
        }),
      })),
    });
    const probe = await connect("absent");
    await until(
      async () => {
        const response = await fetch(signal.http + "/v1/notifications/unread-count", {
          headers: { authorization: `Bearer ${await issuer.token({ userId: "absent" })}` },
        });
        return ((await response.json()) as { count: number }).count === 510;
      },
      30_000,
      "510 rows",
    );
    probe.close();
    const client = await connect("absent", { since: 0 });
    const done = await client.waitFrame((frame) => frame.event === "caught-up", 20_000);
    expect(done.data).toMatchObject({ count: 500, complete: false, seq: 500, unread: 510 });
    const hints = client.frames.filter((frame) => frame.event === "observation/signal/notification/created");
    expect(hints.map((hint: Frame) => hint.data.title)).toEqual(Array.from({ length: 500 }, (_, n) => `n${n}`));
    expect(hints.map((hint: Frame) => hint.seq)).toEqual(Array.from({ length: 500 }, (_, n) => n + 1));
    expect(client.frames.at(-1)).toBe(done);
    client.close();
    const rest = await connect("absent", { since: 500 });
    expect((await rest.waitFrame((frame) => frame.event === "caught-up")).data).toMatchObject({
      count: 10,
      complete: true,
      seq: 510,
      unread: 510,
    });
    rest.close();
    await producer.disconnect();
  });

  test("a position of another inbox: the inbox's own seq, live hints from there; another epoch: everything", async () => {
    const own = await Signal.start();
    const token = await own.token("moved");
    const producer = await connectProducer(own.broker);
    const send = (title: string) =>
      producer.send({
        topic,
        messages: [
          { key: "k", value: JSON.stringify({ recipientScope: "users", recipientIds: ["moved"], type: "t", title }) },
        ],
      });
    const titles = (client: IgnisClient) =>
      client.frames
        .filter((frame) => frame.event === "observation/signal/notification/created")
        .map((frame) => frame.data.title);
    await send("n1");
    const unread = async () =>
      (await (
        await fetch(own.http + "/v1/notifications/unread-count", { headers: { authorization: `Bearer ${token}` } })
      ).json()) as { count: number; seq: number; epoch: string };
    await until(async () => (await unread()).count === 1, 20_000, "the row");
    const { epoch } = await unread();

    const ahead = await IgnisClient.connect(own.ws, token, { since: 1_000_000 });
    const told = await ahead.waitFrame((frame) => frame.event === "caught-up");
    expect(told.data).toEqual({ count: 0, complete: false, seq: 1, unread: 1, epoch });
    await send("n2");
    await until(() => titles(ahead).includes("n2"), 20_000, "a live hint below the position that the client named");
    ahead.close();

    const same = await IgnisClient.connect(own.ws, token, { since: 1, epoch });
    expect((await same.waitFrame((frame) => frame.event === "caught-up")).data).toEqual({
      count: 1,
      complete: true,
      seq: 2,
      unread: 2,
      epoch,
    });
    same.close();

    const renewed = Bun.spawnSync([
      binary,
      "migrate",
      "--new-epoch",
      "--database-url",
      `sqlite:${own.folder}/signal.sqlite`,
    ]);
    expect(renewed.exitCode).toBe(0);
    const now = (await unread()).epoch;
    expect(now).not.toBe(epoch);
    expect(renewed.stdout.toString()).toContain(`new epoch: ${now}`);
    const other = await IgnisClient.connect(own.ws, token, { since: 2, epoch });
    expect((await other.waitFrame((frame) => frame.event === "caught-up")).data).toEqual({
      count: 2,
      complete: true,
      seq: 2,
      unread: 2,
      epoch: now,
    });
    expect(titles(other)).toEqual(["n1", "n2"]);
    other.close();
    const list = await fetch(own.http + "/v1/notifications", { headers: { authorization: `Bearer ${token}` } });
    expect(list.headers.get("x-inbox-epoch")).toBe(now);
    await producer.disconnect();
    await own.stop();
  });
});

describe("limits", () => {
  test("a user's connection over the limit closes the oldest 4008", async () => {
    const few = await Signal.start({
      flags: ["--jwks-url", issuer.url, "--ws-max-connections-per-user", "2", "--workers", "2"],
    });
    const [first, second] = [await connect("amy", {}, few), await connect("amy", {}, few)];
    const third = await connect("amy", {}, few);
    expect(await first!.waitClosed()).toEqual({ code: 4008, reason: "Too many connections" });
    expect(second!.closed).toBeNull();
    expect(third.closed).toBeNull();
    await few.stop();
  });

  test("over the limit of handshakes the oldest without authenticate yields; over that of connections: 503 with Retry-After at the upgrade, health exempt", async () => {
    const few = await Signal.start({ flags: ["--jwks-url", issuer.url, "--ws-max-handshakes", "1"] });
    const first = await RawClient.upgrade(few.ws);
    expect(first.status).toBe(101);
    const second = await RawClient.upgrade(few.ws);
    expect(second.status).toBe(101);
    expect(await first.waitClose()).toEqual({ code: 1013, reason: "Too many handshakes" });
    second.destroy();
    await few.stop();
    const full = await Signal.start({ flags: ["--jwks-url", issuer.url, "--ws-max-connections", "1"] });
    const one = await RawClient.upgrade(full.ws);
    const refused = await RawClient.upgrade(full.ws);
    expect(refused.status).toBe(503);
    expect(refused.head).toMatch(/^retry-after: \d+/im);
    expect((await full.fetch("/health/live")).status).toBe(200);
    one.destroy();
    await full.stop();
  });

  test("inbound messages over the rate: close 1008", async () => {
    const strict = await Signal.start({ flags: ["--jwks-url", issuer.url] });
    const client = await RawClient.upgrade(strict.ws);
    for (let i = 0; i < 1_000; ++i) client.text({ event: "heartbeat" });
    expect(await client.waitClose()).toEqual({ code: 1008, reason: "Rate limit" });
    await strict.stop();
  });

  test("an Origin that is not allowed is refused at the upgrade; none passes", async () => {
    const picky = await Signal.start({
      flags: ["--jwks-url", issuer.url, "--cors-origins", "https://pos.example,tauri://localhost"],
    });
    expect((await RawClient.upgrade(picky.ws, { Origin: "https://evil.example" })).status).toBe(403);
    expect((await RawClient.upgrade(picky.ws, { Origin: "tauri://localhost" })).status).toBe(101);
    expect((await RawClient.upgrade(picky.ws)).status).toBe(101);
    await picky.stop();
  });

  test("the path is matched exactly", async () => {
    for (const path of ["/stream/", "/Stream", "/v1/stream"]) {
      expect((await RawClient.upgrade(signal.ws.replace("/stream", path))).status).toBe(404);
    }
    expect((await RawClient.upgrade(signal.ws.replace("/stream", "/stream?x=1"))).status).toBeGreaterThan(0);
  });
});
