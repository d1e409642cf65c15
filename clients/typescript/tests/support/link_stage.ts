// A link on a clock that the test moves, and sockets whose other end it holds.
import { Link } from "../../packages/client/src/link";
import { Position } from "../../packages/client/src/position";
import { Tokens } from "../../packages/client/src/tokens";
import type { SignalError, SignalStatus, TokenRequest } from "../../packages/client/src/types";
import { ManualClock } from "./manual_clock";
import { ServedSocket } from "./stream_server";

export const second = 1_000;
export const started = Date.parse("2026-11-23T08:44:45.117Z");
export const jwt = (claims: object, n = 0) =>
  `h.${Buffer.from(JSON.stringify({ n, ...claims })).toString("base64url")}.s`;

/** A link, all that it tells, and all that its provider is asked. */
export function stage(
  more: { token?: (request: TokenRequest) => string | Promise<string>; random?: () => number; sealed?: boolean } = {},
) {
  const clock = new ManualClock();
  const told = {
    frames: [] as any[],
    statuses: [] as SignalStatus[],
    errors: [] as SignalError[],
    asked: [] as TokenRequest[],
  };
  let tokens = 0;
  const provider = async (request: TokenRequest) => {
    told.asked.push(request);
    return more.token ? more.token(request) : jwt({ userId: "u1", exp: started / 1000 + 3_600 }, ++tokens);
  };
  const position = new Position("key", null, () => undefined);
  const link = new Link({
    url: "ws://x/stream",
    user: "u1",
    WebSocket: ServedSocket as never,
    clock,
    random: more.random ?? (() => 0.5),
    sealed: more.sealed ?? true,
    pingEveryMs: 25 * second,
    pongWithinMs: 10 * second,
    tokens: new Tokens({ token: provider, user: "u1" }),
    position,
    onFrame: (frame) => told.frames.push(frame),
    onStatus: (status) => told.statuses.push(status),
    onError: (error) => told.errors.push(error as SignalError),
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
