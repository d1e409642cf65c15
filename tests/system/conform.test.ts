// `nx-signal conform`: all facts hold of Signal, as `dev` and as `serve`; of the real server of npm
// @venizia/ignis-helpers these do not.
import { afterAll, afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instance, run } from "./harness/instance";
import { RedisServer } from "./harness/redis";
import { Scene } from "./harness/scene";
import { Issuer } from "./support/issuer";
import { Signal, slowness } from "./support/signal";

type Point = { ok: boolean; name: string; skip: string | null; expected?: string; got?: string };
const folder = mkdtempSync(join(tmpdir(), "signal-conform-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => Instance.endAll());

/** The encrypted server of npm; resolves when it listens. */
async function ignisServer(redis: RedisServer, issuer: Issuer): Promise<{ ws: string; stop: () => Promise<unknown> }> {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "support/ignis_process.ts"), String(redis.port), issuer.url],
    { env: { ...process.env, BUN_BE_BUN: "1" }, stdin: "pipe", stdout: "pipe", stderr: "ignore" },
  );
  let said = "";
  const decoder = new TextDecoder();
  const listening = Promise.withResolvers<string>();
  void (async () => {
    for await (const chunk of child.stdout) {
      said += decoder.decode(chunk, { stream: true });
      const address = /^ignis at (\S+)$/m.exec(said);
      if (address) listening.resolve(address[1]!);
    }
    listening.reject(new Error(`the IGNIS server ended: ${said}`));
  })();
  return {
    ws: await listening.promise,
    stop: async () => {
      child.stdin.end();
      return child.exited;
    },
  };
}

/** TAP 14, strictly: version, plan, points numbered from 1 with diagnostics as YAML of two scalars, one comment. */
function parse(tap: string): { points: Point[]; summary: string } {
  const lines = tap.trimEnd().split("\n");
  expect(lines[0]).toBe("TAP version 14");
  const planned = Number(/^1\.\.(\d+)$/.exec(lines[1]!)![1]);
  const summary = lines.pop()!;
  const points: Point[] = [];
  for (let at = 2; at < lines.length; ++at) {
    const [, not, number, name, skip] = /^(not )?ok (\d+) - (.*?)(?: # SKIP (.+))?$/.exec(lines[at]!)!;
    expect(Number(number)).toBe(points.length + 1);
    const point: Point = { ok: !not, name: name!, skip: skip ?? null };
    if (lines[at + 1] === "  ---") {
      point.expected = JSON.parse(lines[at + 2]!.replace(/^  expected: /, ""));
      point.got = JSON.parse(lines[at + 3]!.replace(/^  got: /, ""));
      expect(lines[at + 4]).toBe("  ...");
      at += 4;
    }
    expect(point.ok === (point.expected === undefined)).toBe(true);
    points.push(point);
  }
  expect(points.length).toBe(planned);
  expect(new Set(points.map((point) => point.name)).size).toBe(planned);
  return { points, summary };
}

async function conform(url: string, flags: string[], env: Record<string, string> = {}) {
  const { code, out } = await run(["conform", url, ...flags], env, 200_000);
  return { code, ...parse(out) };
}
async function keyFile(issuer: Issuer): Promise<string> {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, await issuer.privateKeySet());
  return path;
}
const differing = (points: Point[]) => points.filter((point) => !point.ok).map((point) => point.name);
const skipped = (points: Point[]) => points.filter((point) => point.skip !== null);

test("`dev`, with given tokens: what they are enough for holds, the rest is skipped with its reason and not counted", async () => {
  const signal = await Signal.start();
  const [token, other, expired] = await Promise.all([
    signal.token("u-owner"),
    signal.token("u-cashier"),
    signal.token("u-owner", { expiresInSeconds: 1 }),
  ]);
  await Bun.sleep(6_500); // and the leeway
  const { code, points, summary } = await conform(signal.ws, ["--rest"], {
    SIGNAL_TOKEN: token,
    SIGNAL_OTHER_TOKEN: other,
    SIGNAL_EXPIRED_TOKEN: expired,
  });
  expect(differing(points)).toEqual([]);
  expect(code).toBe(0);
  expect(skipped(points).map((point) => point.name)).toEqual([
    "a token that is not valid yet is refused with 4003",
    "a token without exp is refused with 4003",
    "a token without userId is refused with 4003",
    "a token whose userId is not an id is refused with 4003",
    "a token whose userId has the shape of a room is refused with 4003",
    "a token over 8 KiB is refused with 4003",
    "a token with an unknown critical header is refused with 4003",
    "a number stays a number in `userId`",
    "no message within the time-out, but pings: close 4002 `Heartbeat timeout`",
    "a token that expires: close 4005 `Token expired`",
  ]);
  for (const point of skipped(points)) expect(point.skip).toMatch(/--jwks FILE|--heartbeat-timeout SECONDS/);
  expect(summary).toBe(`# ${points.length} facts: ${points.length - 10} hold, 0 differ, 10 not checked`);
  await signal.stop();
});

test("`dev`, without a token: only what needs none", async () => {
  const signal = await Signal.start();
  const { code, points, summary } = await conform(signal.ws, []);
  expect({ code, differing: differing(points) }).toEqual({ code: 0, differing: [] });
  const without = skipped(points);
  expect(without.length).toBeGreaterThan(40);
  expect(summary).toBe(
    `# ${points.length} facts: ${points.length - without.length} hold, 0 differ, ${without.length} not checked`,
  );
  await signal.stop();
});

test("`serve`, with the identity's private key: every fact is asked, and holds", async () => {
  const seconds = 3 * slowness;
  const scene = await Scene.open({
    env: { SIGNAL_WS_HEARTBEAT_TIMEOUT_MS: String(seconds * 1_000), SIGNAL_WS_HEARTBEAT_INTERVAL_MS: "200" },
  });
  // Rows to catch up with and to list.
  await scene.send(Array.from({ length: 30 }, () => scene.note(undefined, ["conform"])));
  await scene.history.waitStored(scene.database, 30_000);
  const { code, points, summary } = await conform(scene.first.ws, [
    "--rest",
    "--jwks",
    await keyFile(scene.stack.issuer),
    "--heartbeat-timeout",
    String(seconds),
  ]);
  expect(points.filter((point) => !point.ok)).toEqual([]);
  expect(skipped(points)).toEqual([]);
  expect({ code, summary }).toEqual({
    code: 0,
    summary: `# ${points.length} facts: ${points.length} hold, 0 differ, 0 not checked`,
  });
  await scene.close();
});

test("the real server of npm @venizia/ignis-helpers: where it differs, precisely", async () => {
  const redis = await RedisServer.start();
  const issuer = await Issuer.start();
  const ignis = await ignisServer(redis, issuer);
  const { code, points } = await conform(ignis.ws, ["--jwks", await keyFile(issuer), "--answer-within", "2"]);
  expect(code).toBe(1);
  const refused =
    '{"event":"error","data":{"message":"Authentication failed"}}, then close 4003 `Authentication failed`';
  const error = (message: string) => JSON.stringify({ event: "error", data: { message } });
  const found = points
    .filter((point) => !point.ok)
    .map(({ name, expected, got }) => [name, expected, got!.replace(/^message \{"event":"connected".*/, "connected")]);
  expect(found).toEqual([
    [
      "no extension and no subprotocol is chosen, whatever is offered",
      "no Sec-WebSocket-Protocol: ",
      "no Sec-WebSocket-Protocol: chat",
    ],
    ["a plain request on the path is answered 426 with a JSON error", "426", "404"],
    ["invalid UTF-8 in a binary message closes 1007", "close 1007", "nothing"],
    [
      "before connected, 16,384 bytes are accepted and one more byte closes 1009 `Received too big message`",
      "close 1009 `Received too big message`",
      `message ${error("Not authenticated")}`,
    ],
    ["200 messages at once close 1008 `Rate limit`", "close 1008 `Rate limit`", "nothing"],
    ["200 empty fragments at once close 1008 `Rate limit`", "close 1008 `Rate limit`", "nothing"],
    ["a token without exp is refused with 4003", refused, "connected"],
    ["a token without userId is refused with 4003", refused, "connected"],
    ["a token whose userId is not an id is refused with 4003", refused, "connected"],
    ["a token whose userId has the shape of a room is refused with 4003", refused, "connected"],
    ["a token over 8 KiB is refused with 4003", refused, "connected"],
    ["a type that is not Bearer is refused with 4003", refused, "connected"],
    [
      "a compressed clientPublicKey is refused with 4003",
      '{"event":"error","data":{"message":"Authentication error"}}, then close 4003 `Authentication failed`',
      "connected",
    ],
    ["ping is answered `pong` with its id as sent and the time", "`pong`", "nothing"],
    ["50 answers come in the order of their questions", "`pong`", "nothing"],
    ["a message sealed under the client's key is handled like the message inside", "`pong`", "nothing"],
    ["an envelope within an envelope is not answered", "`pong`", "nothing"],
    [
      "the third envelope that does not open closes 4004 `Decryption failed`",
      "close 4004 `Decryption failed`",
      "nothing",
    ],
    ["an envelope that opens in between resets the count", "`pong`", "nothing"],
    ["the server's own envelopes, sent back, do not open", "close 4004 `Decryption failed`", "nothing"],
    ["refresh is answered `refreshed` with `expiresAt`", "`refreshed`", "nothing"],
    ["a sealed refresh that is repeated is not answered", "`refreshed`", "nothing"],
    [
      "a refresh with a bad token is answered `Refresh failed`; the third closes 4003",
      error("Refresh failed"),
      "nothing",
    ],
    ["a refresh with another user's token is answered `Refresh failed`", error("Refresh failed"), "nothing"],
    ["since 0: hints in the order of seq, then `caught-up` with their number", "`caught-up`", "nothing"],
    ["since the end: `caught-up` alone, complete", "`caught-up`", "nothing"],
    ["a since above the inbox: complete is false, and seq is that of the inbox", "`caught-up`", "nothing"],
    ["another epoch is answered like since 0, with the current epoch", "`caught-up`", "nothing"],
    [
      "a since that is not an integer from 0 on: `Invalid since`, the connection stays",
      error("Invalid since"),
      "nothing",
    ],
  ]);
  // What needs longer than this test has; the rest was asked, and holds.
  expect(skipped(points).map((point) => point.name)).toEqual([
    "no message within the time-out, but pings: close 4002 `Heartbeat timeout`",
    "a token that expires: close 4005 `Token expired`",
  ]);
  expect(points.length - found.length - 2).toBeGreaterThanOrEqual(60);
  await ignis.stop();
  issuer.stop();
  await redis.end();
});

test("usage: exit 2 with one line; a server that is not there, or speaks otherwise: exit 1", async () => {
  expect((await run(["conform", "--help"], {})).code).toBe(0);
  const missing = join(folder, "missing.json");
  const empty = join(folder, "empty.json");
  writeFileSync(empty, '{"keys":[]}');
  for (const [flags, said] of [
    [[], "URL"],
    [["http://127.0.0.1:1/"], "url: must begin with ws:// or wss://"],
    [["ws://127.0.0.1:1/", "--jwks", missing], missing],
    [["ws://127.0.0.1:1/", "--jwks", empty], "no private P-256 key"],
    [["ws://127.0.0.1:1/", "--auth-timeout", "soon"], "--auth-timeout"],
  ] as const) {
    const { code, out } = await run(["conform", ...flags], {});
    expect({ flags, code, lines: out.trim().split("\n").length }).toEqual({ flags, code: 2, lines: 1 });
    expect(out).toContain(said);
  }
  const nobody = await run(["conform", "ws://127.0.0.1:1/stream"], {});
  expect(nobody.code).toBe(1);
  expect(nobody.out).not.toContain("TAP");
  const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("a web page") });
  const { code, points } = await conform(`ws://127.0.0.1:${other.port}/stream`, ["--answer-within", "1"]);
  expect(code).toBe(1);
  expect(points.find((point) => point.name.startsWith("an upgrade is answered 101"))).toMatchObject({
    ok: false,
    expected: "101",
    got: "200",
  });
  await other.stop(true);
});
