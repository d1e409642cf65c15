// Connections one after the other.
import { beforeEach, expect, test } from "bun:test";
import { second, stage } from "../support/link_stage";
import { ServedSocket } from "../support/stream_server";

beforeEach(() => {
  ServedSocket.all = [];
});

test("authenticate is the first thing said, with the position, and the link is live at `connected`", async () => {
  const one = stage();
  one.position.epoch = "e";
  one.position.move(42);
  await one.live();
  const { event, data } = ServedSocket.last.received[0];
  expect([event, data.type, data.since, data.epoch, data.clientPublicKey.length]).toEqual([
    "authenticate",
    "Bearer",
    42,
    "e",
    88,
  ]);
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
  ServedSocket.last.sayInClear({
    event: "encrypted",
    data: { iv: "AAAAAAAAAAAAAAAA", ct: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
  });
  await one.clock.advance(0);
  expect([one.errors[0]?.code, one.state(), ServedSocket.all.length]).toEqual(["frame", "waiting", 1]);
  await one.clock.advance(second);
  expect(ServedSocket.all.length).toBe(2);
});

test("what is sent is sealed, in order, under the key of that direction", async () => {
  const one = stage();
  await one.live();
  for (let n = 0; n < 20; ++n) one.link.send({ event: "join", data: { rooms: [`org:${n}`] } });
  expect((await ServedSocket.last.heard()).map(({ data }) => data.rooms[0])).toEqual(
    Array.from({ length: 20 }, (_, n) => `org:${n}`),
  );
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

test("a line that is dead before its first pong is left, too", async () => {
  const one = stage();
  await one.live();
  await one.clock.advance(35 * second - 1);
  expect(one.state()).toBe("live");
  await one.clock.advance(1);
  expect([one.state(), ServedSocket.last.held]).toEqual(["waiting", false]);
});

test("a line that is asked again and again gets no more time for that", async () => {
  const one = stage();
  await one.live();
  for (let waked = 0; waked < 3; ++waked) {
    one.link.wake();
    await one.clock.advance(second);
  }
  expect([one.state(), ServedSocket.last.held]).toEqual(["waiting", false]);
  await one.clock.advance(second);
  const early = ServedSocket.last; // nothing answers the handshake either
  for (let waked = 0; waked < 3; ++waked) {
    one.link.wake();
    await one.clock.advance(second);
  }
  expect(early.held).toBe(false);
});

test("a resume shortly after a pong gets its own 3 s", async () => {
  const one = stage();
  await one.live();
  await one.clock.advance(25 * second);
  await one.answerPing();
  await one.clock.advance(8 * second);
  one.link.wake();
  await one.clock.advance(3 * second);
  expect(one.state()).toBe("waiting");
});

test("a server of IGNIS, which never answers a ping, is not left for that", async () => {
  const one = stage({ sealed: false });
  await one.live();
  await one.clock.advance(300 * second);
  expect([one.state(), ServedSocket.all.length]).toEqual(["live", 1]);
  expect(ServedSocket.last.received.slice(1).map(({ event }) => event)).toEqual(Array(12).fill("ping"));
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

test("a socket that was opening when the device slept has 3 s more", async () => {
  const one = stage();
  one.link.start();
  await one.clock.advance(second);
  one.link.wake();
  await one.clock.advance(2_999);
  expect(one.state()).toBe("connecting");
  await one.clock.advance(1);
  expect([one.state(), ServedSocket.last.held]).toEqual(["waiting", false]);
});

test("a deploy is followed by one hurried return, then by waits that grow until a minute was connected", async () => {
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
  expect(waits).toEqual([1_500, 2_500, 4_500, 8_500, 16_500, 30_500]);
  await one.clock.advance(30_500);
  await ServedSocket.last.accept();
  for (let pings = 0; pings < 2; ++pings) {
    await one.clock.advance(25 * second);
    await one.answerPing();
  }
  await one.clock.advance(10 * second);
  await ServedSocket.last.end(1001);
  expect(one.clock.waits).toEqual([1_000]);
  await one.clock.advance(1_000);
  await ServedSocket.last.end(1006);
  expect(one.clock.waits).toEqual([1_500]);
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
  expect(waits).toEqual([1_000, 1_500, 2_500, 4_500]);
});

test("a resume cuts a wait short once, however often it is said", async () => {
  const one = stage({ random: () => 1 });
  await one.live();
  for (let n = 0; n < 6; ++n) {
    await ServedSocket.last.end(1006);
    await one.clock.advance(one.clock.waits[0]!);
  }
  await ServedSocket.last.end(1006);
  expect(one.clock.waits).toEqual([30_500]);
  for (let n = 0; n < 3; ++n) {
    one.link.wake();
    await one.clock.advance(400);
  }
  expect(one.state()).toBe("connecting");
});

test("a line that a resume finds dead is replaced after the first wait, whatever came before", async () => {
  const one = stage({ random: () => 1 });
  await one.live();
  for (let n = 0; n < 4; ++n) {
    await ServedSocket.last.end(1006);
    await one.clock.advance(one.clock.waits[0]!);
    await ServedSocket.last.accept();
  }
  one.link.wake();
  await one.clock.advance(3 * second);
  expect([one.state(), one.clock.waits]).toEqual(["waiting", [1_500]]);
});

test.each([4008, 4009])(
  "after %p nothing happens until the app starts again; after 4009 with a new token",
  async (code) => {
    const one = stage();
    await one.live();
    await ServedSocket.last.end(code, "away");
    one.link.wake();
    await one.clock.advance(600 * second);
    expect([one.state(), ServedSocket.all.length, one.errors.map(({ status }) => status)]).toEqual([
      "stopped",
      1,
      [code],
    ]);
    one.link.start();
    await one.clock.advance(0);
    await ServedSocket.last.accept();
    expect([one.state(), one.asked.length]).toEqual(["live", code === 4009 ? 2 : 1]);
  },
);

test("nothing of a stopped link arrives any more", async () => {
  const one = stage();
  await one.live();
  const socket = ServedSocket.last;
  one.link.stop();
  await socket.say({ event: "late" });
  await one.clock.advance(600 * second);
  expect([
    one.frames.map(({ event }) => event),
    one.state(),
    socket.held,
    ServedSocket.all.length,
    one.clock.waits,
  ]).toEqual([["connected"], "stopped", false, 1, []]);
});
