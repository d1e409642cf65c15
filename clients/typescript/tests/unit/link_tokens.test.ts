// Tokens of the connections: refused, renewed, of somebody else.
import { beforeEach, expect, test } from "bun:test";
import { jwt, second, stage, started } from "../support/link_stage";
import { ServedSocket } from "../support/stream_server";

beforeEach(() => {
  ServedSocket.all = [];
});

test("a refused token is never said again; when the next is refused, too, the link stops and tells it", async () => {
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

test("a token that has expired while no instance was there is replaced at once, without a longer wait", async () => {
  const one = stage({ random: () => 1 });
  await one.live();
  await ServedSocket.last.end(1001, "Server shutting down");
  for (let n = 0; n < 5; ++n) {
    await one.clock.advance(one.clock.waits[0]!);
    await ServedSocket.last.end(1006);
  }
  await one.clock.advance(one.clock.waits[0]!);
  await ServedSocket.last.end(4003, "Authentication failed");
  expect(one.clock.waits).toEqual([1_000]);
  await one.clock.advance(second);
  await ServedSocket.last.accept();
  expect([one.state(), one.asked.length]).toEqual(["live", 2]);
});

test("a provider that repeats a refused token, fails, or gives none is told to the app, and asked again", async () => {
  let answer: () => string = () => "first.token.x";
  const one = stage({ token: () => answer() });
  one.link.start();
  await one.clock.advance(0);
  await ServedSocket.last.end(4005, "Token expired");
  await one.clock.advance(second);
  answer = () => {
    throw new Error("identity is away");
  };
  await one.clock.advance(2 * second);
  answer = () => "";
  await one.clock.advance(4 * second);
  expect([...new Set(one.errors.map(({ code, message }) => `${code}: ${message}`))]).toEqual([
    "token: the token provider gave a token again that was refused",
    "token: the token provider failed: Error: identity is away",
    "token: the token provider gave no token",
  ]);
  answer = () => "second.token.x";
  await one.clock.advance(8 * second);
  await ServedSocket.last.accept();
  expect([one.state(), ServedSocket.last.received[0].data.token]).toEqual(["live", "second.token.x"]);
});

test("a token is renewed three pings before its end by the server's clock, whatever the device's says", async () => {
  let n = 0;
  const exp = () => started / 1000 + 600 * ++n;
  const one = stage({ token: () => jwt({ userId: "u1", exp: exp() }) });
  await one.live();
  await one.answerPing(started + 500 * second);
  expect(await ServedSocket.last.heard()).toEqual([]);
  await one.answerPing(started + 530 * second);
  await one.answerPing(started + 555 * second);
  const refreshes = (await ServedSocket.last.heard()).filter(({ event }) => event === "refresh");
  expect(refreshes).toEqual([
    { event: "refresh", data: { token: jwt({ userId: "u1", exp: started / 1000 + 1_200 }) } },
  ]);
  await ServedSocket.last.say({
    event: "refreshed",
    data: { expiresAt: new Date(started + 1_200 * second).toISOString() },
  });
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
