// Connections one after the other, on a clock that the test moves and sockets whose other end it holds.
import { beforeEach, expect, test } from "bun:test";
import { Link } from "../../packages/client/src/link";
import { Position } from "../../packages/client/src/position";
import { Tokens } from "../../packages/client/src/tokens";
import type { SignalError, SignalStatus, TokenRequest } from "../../packages/client/src/types";
import { ManualClock } from "../support/manual_clock";
import { ServedSocket } from "../support/stream_server";

const second = 1_000;
const started = Date.parse("2026-11-23T08:44:45.117Z");
const jwt = (claims: object, n = 0) => `h.${Buffer.from(JSON.stringify({ n, ...claims })).toString("base64url")}.s`;

function stage(more: { token?: (request: TokenRequest) => string | Promise<string>; random?: () => number } = {}) {
  const clock = new ManualClock();
  const told = { frames: [] as any[], statuses: [] as SignalStatus[], errors: [] as SignalError[], asked: [] as TokenRequest[] };
  let tokens = 0;
  const provider = async (request: TokenRequest) => {
    told.asked.push(request);
    return more.token ? more.token(request) : jwt({ userId: "u1", exp: started / 1000 + 3_600 }, ++tokens);
  };
  const position = new Position("key", null, () => undefined);
  const link = new Link({
    url: "ws://x/stream", user: "u1", WebSocket: ServedSocket as never, clock, random: more.random ?? (() => 0.5), sealed: true, pingEveryMs: 25 * second, pongWithinMs: 10 * second,
    tokens: new Tokens({ token: provider, user: "u1" }), position,
    onFrame: (frame) => told.frames.push(frame), onStatus: (status) => told.statuses.push(status), onError: (error) => told.errors.push(error as SignalError),
  });
  const live = async () => {
    link.start();
    await clock.advance(0);
    await ServedSocket.last.accept();
  };
  const answerPing = async (time = started) => {
    await ServedSocket.last.say({ event: "pong", data: { time: new Date(time).toISOString() } });
  };
  return { clock, link, position, ...told, live, answerPing, state: () => told.statuses.at(-1)?.state };
}
beforeEach(() => { ServedSocket.all = []; });

test("authenticate is the first thing said, with the position, and the link is live at `connected`", async () => {
  const one = stage();
  one.position.epoch = "e";
  one.position.move(42);
  await one.live();
  const { event, data } = ServedSocket.last.received[0];
  expect([event, data.type, data.since, data.epoch, data.clientPublicKey.length]).toEqual(["authenticate", "Bearer", 42, "e", 88]);
  expect(one.statuses.map(({ state }) => state)).toEqual(["connecting", "live"]);
});

test("frames are passed on in their order, however long each takes to open", async () => {
  const one = stage();
  await one.live();
  const frames = Array.from({ length: 50 }, (_, n) => ({ event: `e${n}`, data: n % 7 ? n : "x".repeat(100_000) }));
  await ServedSocket.last.say(...frames);
  await one.clock.advance(0);
  expect(one.frames.slice(1)).toEqual(frames);
});

test("in clear nothing but an error is believed after `connected`", async () => {
  const one = stage();
  await one.live();
  ServedSocket.last.sayInClear({ event: "forged", data: 1 });
  ServedSocket.last.sayInClear({ event: "error", data: { message: "Invalid message format" } });
  await one.clock.advance(0);
  expect(one.frames.map(({ event }) => event)).toEqual(["connected", "error"]);
  expect(one.errors.map(({ code }) => code)).toEqual(["server"]);
});

test("a frame that does not open is told, and the link comes back", async () => {
  const one = stage();
  await one.live();
  ServedSocket.last.sayInClear({ event: "encrypted", data: { iv: "AAAAAAAAAAAAAAAA", ct: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" } });
  await one.clock.advance(0);
  expect([one.errors[0]?.code, one.state(), ServedSocket.all.length]).toEqual(["frame", "waiting", 1]);
  await one.clock.advance(second);
  expect(ServedSocket.all.length).toBe(2);
});

test("what is sent is sealed, in order, under the key of that direction", async () => {
  const one = stage();
  await one.live();
  for (let n = 0; n < 20; ++n) one.link.send({ event: "join", data: { rooms: [`org:${n}`] } });
  expect((await ServedSocket.last.heard()).map(({ data }) => data.rooms[0])).toEqual(Array.from({ length: 20 }, (_, n) => `org:${n}`));
});

test("a line that answers no ping is left after 10 s, and after 3 s when the device has come back", async () => {
  const one = stage();
  await one.live();
  await one.clock.advance(25 * second);
  await one.answerPing();
  await one.clock.advance(25 * second + 9_999);
  expect(one.state()).toBe("live");
  await one.clock.advance(1);
  expect([one.state(), ServedSocket.last.held]).toEqual(["waiting", false]);
  await one.clock.advance(second);
  await ServedSocket.last.accept();
  one.link.wake();
  await one.clock.advance(2_999);
  expect(one.state()).toBe("live");
  await one.clock.advance(1);
  expect(one.state()).toBe("waiting");
});

test("a server that never answers a ping is not left for that", async () => {
  const one = stage();
  await one.live();
  await one.clock.advance(300 * second);
  expect([one.state(), ServedSocket.all.length]).toEqual(["live", 1]);
  expect((await ServedSocket.last.heard()).every(({ event }) => event === "ping")).toBe(true);
});

test("a socket that never opens, and one that never authenticates, is left after 20 s", async () => {
  const one = stage();
  one.link.start();
  await one.clock.advance(20 * second);
  expect([one.state(), ServedSocket.all.length]).toEqual(["waiting", 1]);
  await one.clock.advance(second);
  ServedSocket.last.readyState = 1;
  ServedSocket.last.onopen!();
  await one.clock.advance(20 * second);
  expect([one.state(), ServedSocket.all.length]).toEqual(["waiting", 2]);
});

test("a deploy is followed by one hurried return; when that fails, the waits grow, and a minute of being connected forgets them", async () => {
  const one = stage({ random: () => 1 });
  await one.live();
  await ServedSocket.last.end(1001, "Server shutting down");
  expect(one.clock.waits).toEqual([1_000]);
  const waits: number[] = [];
  for (let n = 0; n < 6; ++n) {
    await one.clock.advance(one.clock.waits[0]!);
    await ServedSocket.last.end(1006);
    waits.push(one.clock.waits[0]!);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
  await one.clock.advance(30_000);
  await ServedSocket.last.accept();
  await one.clock.advance(60_000);
  await ServedSocket.last.end(1001);
  expect(one.clock.waits).toEqual([1_000]);
  await one.clock.advance(1_000);
  await ServedSocket.last.end(1006);
  expect(one.clock.waits).toEqual([1_000]);
});

test("connections that are cut at once do not come back faster and faster", async () => {
  const one = stage({ random: () => 1 });
  await one.live();
  const waits: number[] = [];
  for (let n = 0; n < 4; ++n) {
    await ServedSocket.last.end(4005, "Token expired");
    waits.push(one.clock.waits[0]!);
    await one.clock.advance(waits.at(-1)!);
    await ServedSocket.last.accept();
  }
  expect(waits).toEqual([1_000, 1_000, 2_000, 4_000]);
});

test("a resume cuts a wait short once, however often it is said", async () => {
  const one = stage({ random: () => 1 });
  await one.live();
  for (let n = 0; n < 6; ++n) { await ServedSocket.last.end(1006); await one.clock.advance(one.clock.waits[0]!); }
  await ServedSocket.last.end(1006);
  expect(one.clock.waits).toEqual([30_000]);
  for (let n = 0; n < 3; ++n) { one.link.wake(); await one.clock.advance(400); }
  expect(one.state()).toBe("connecting");
});

test("a refused token is never said again: a new one is asked for, and when that is refused, too, the link stops and tells it", async () => {
  const one = stage();
  one.link.start();
  await one.clock.advance(0);
  ServedSocket.last.readyState = 1;
  ServedSocket.last.onopen!();
  await ServedSocket.last.end(4003, "Authentication failed");
  await one.clock.advance(second);
  expect(one.asked).toEqual([{}, { refused: jwt({ userId: "u1", exp: started / 1000 + 3_600 }, 1) }]);
  await ServedSocket.last.end(4003, "Authentication failed");
  expect([one.state(), one.errors.map(({ code, status }) => [code, status])]).toEqual(["stopped", [["closed", 4003]]]);
  await one.clock.advance(300 * second);
  expect(ServedSocket.all.length).toBe(2);
});

test("a provider that repeats a refused token, fails, or gives none is told to the app, and asked again", async () => {
  let answer: () => string = () => "first.token.x";
  const one = stage({ token: () => answer() });
  one.link.start();
  await one.clock.advance(0);
  await ServedSocket.last.end(4005, "Token expired");
  await one.clock.advance(second);
  answer = () => { throw new Error("identity is away"); };
  await one.clock.advance(2 * second);
  answer = () => "";
  await one.clock.advance(4 * second);
  expect([...new Set(one.errors.map(({ code, message }) => `${code}: ${message}`))]).toEqual(["token: the token provider gave a token again that was refused",
    "token: the token provider failed: Error: identity is away", "token: the token provider gave no token"]);
  answer = () => "second.token.x";
  await one.clock.advance(8 * second);
  await ServedSocket.last.accept();
  expect([one.state(), ServedSocket.last.received[0].data.token]).toEqual(["live", "second.token.x"]);
});

test.each([4008, 4009])("after %p nothing happens until the app starts again; after 4009 with a new token", async (code) => {
  const one = stage();
  await one.live();
  await ServedSocket.last.end(code, "away");
  one.link.wake();
  await one.clock.advance(600 * second);
  expect([one.state(), ServedSocket.all.length, one.errors.map(({ status }) => status)]).toEqual(["stopped", 1, [code]]);
  one.link.start();
  await one.clock.advance(0);
  await ServedSocket.last.accept();
  expect([one.state(), one.asked.length]).toEqual(["live", code === 4009 ? 2 : 1]);
});

test("a token is renewed three pings before its end by the server's clock, whatever the clock of the device says", async () => {
  let n = 0;
  const exp = () => started / 1000 + 600 * ++n;
  const one = stage({ token: () => jwt({ userId: "u1", exp: exp() }) });
  await one.live();
  await one.answerPing(started + 500 * second);
  expect(await ServedSocket.last.heard()).toEqual([]);
  await one.answerPing(started + 530 * second);
  await one.answerPing(started + 555 * second);
  const refreshes = (await ServedSocket.last.heard()).filter(({ event }) => event === "refresh");
  expect(refreshes).toEqual([{ event: "refresh", data: { token: jwt({ userId: "u1", exp: started / 1000 + 1_200 }) } }]);
  await ServedSocket.last.say({ event: "refreshed", data: { expiresAt: new Date(started + 1_200 * second).toISOString() } });
  await one.answerPing(started + 580 * second);
  expect(one.asked.length).toBe(2);
  expect(one.errors).toEqual([]);
});

test("a refresh that fails is told, and another token is asked for with the next pong", async () => {
  let n = 0;
  const one = stage({ token: () => jwt({ userId: "u1", exp: started / 1000 + 60, n: ++n }) });
  await one.live();
  await one.answerPing();
  await ServedSocket.last.say({ event: "error", data: { message: "Refresh failed" } });
  await one.answerPing();
  expect((await ServedSocket.last.heard()).filter(({ event }) => event === "refresh").length).toBe(2);
  expect(one.errors.map(({ code }) => code)).toEqual(["server"]);
});

test("a token of another user is not even sent, and a connection of another user is left", async () => {
  const one = stage({ token: () => jwt({ userId: "u2" }) });
  one.link.start();
  await one.clock.advance(0);
  expect([ServedSocket.all.length, one.state(), one.errors[0]!.code]).toEqual([0, "stopped", "user"]);
  const two = stage({ token: () => "claims.are-encrypted.x" });
  two.link.start();
  await two.clock.advance(0);
  await ServedSocket.last.accept("u2");
  expect([two.state(), two.errors[0]!.code, two.frames]).toEqual(["stopped", "user", []]);
});

test("nothing of a stopped link arrives any more", async () => {
  const one = stage();
  await one.live();
  const socket = ServedSocket.last;
  one.link.stop();
  await socket.say({ event: "late" });
  await one.clock.advance(600 * second);
  expect([one.frames.map(({ event }) => event), one.state(), socket.held, ServedSocket.all.length, one.clock.waits]).toEqual([["connected"], "stopped", false, 1, []]);
});
