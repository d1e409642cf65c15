// What `nx-signal dev` offers, and to whom: the page's routes, its key set, its printed lines, its database.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "./support/command";
import { RawClient, requestHead, upgradeHead } from "./support/raw_client";
import { Signal, until } from "./support/signal";

const folder = mkdtempSync(join(tmpdir(), "signal-dev-"));
let signal: Signal;
beforeAll(async () => {
  signal = await Signal.start();
});
afterAll(async () => {
  await signal.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The status of a request with this head. */
async function statusOf(head: string): Promise<number> {
  const client = await RawClient.dial(signal.ws);
  client.write(head);
  const status = await client.response();
  client.destroy();
  return status;
}
const own = () => ({ Host: `127.0.0.1:${signal.port}` });
const foreign = { Origin: "http://evil.example" };

test.each([
  ["its page at localhost", 200, () => requestHead("/", { Host: `localhost:${signal.port}` })],
  ["its page at another host's name", 403, () => requestHead("/", { Host: "evil.example" })],
  ["a route for another site", 403, () => requestHead("/dev/info", { ...own(), ...foreign })],
  ["an upgrade at its own address", 101, () => upgradeHead("/stream", own())],
  ["an upgrade for another site", 403, () => upgradeHead("/stream", { ...own(), ...foreign })],
  ["an upgrade at another host's name", 403, () => upgradeHead("/stream", { Host: "evil.example", ...foreign })],
])("a request for %s is answered %d", async (_, status, head) => {
  expect(await statusOf(head())).toBe(status);
});

test("a request with a side effect is refused without the header x-signal-dev", async () => {
  const without = await fetch(signal.http + "/dev/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"userId":"u1"}',
  });
  expect(without.status).toBe(403);
  expect(await without.text()).toContain("x-signal-dev");
});

test("it listens on loopback", () => {
  expect(signal.address.startsWith("127.0.0.1:")).toBe(true);
});

test("its key set has one public key", async () => {
  const { keys } = (await (await signal.fetch("/jw-certs")).json()) as any;
  expect(keys).toHaveLength(1);
  expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256", use: "sig" });
  expect(keys[0]).not.toHaveProperty("d");
});

test("its tokens name nx-signal-dev as their issuer", async () => {
  const token = await signal.token("u1");
  const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
  expect(claims).toMatchObject({ iss: "nx-signal-dev", userId: "u1" });
});

test("it prints commands to paste with its URL and its broker's address", async () => {
  await until(() => signal.stdout.includes("kcat"), 5_000, "the welcome text");
  const parts = ["nx-signal notify", "nx-signal listen", "kcat", "curl", "not for production"];
  for (const part of [signal.http, signal.broker, ...parts])
    expect(signal.stdout.toLowerCase()).toContain(part.toLowerCase());
});

/** Starts on the same file, and stores one row. Returns how many rows were there before. */
async function rowsAtStart(path: string, flags: string[]): Promise<number> {
  const one = await Signal.start({ database: path, flags });
  const headers = { authorization: `Bearer ${await one.token("keeper")}` };
  const count = async () =>
    ((await (await fetch(`${one.http}/v1/notifications/unread-count`, { headers })).json()) as { count: number }).count;
  const before = await count();
  const line = `notify --kafka-brokers ${one.broker} --scope users --to keeper --type t --title x`;
  expect((await command(line.split(" "))).code).toBe(0);
  await until(async () => (await count()) === before + 1, 10_000, "the row");
  await one.stop();
  return before;
}

test("a start without --keep finds no rows of the start before", async () => {
  const path = `${folder}/emptied.sqlite`;
  expect(await rowsAtStart(path, [])).toBe(0);
  expect(await rowsAtStart(path, [])).toBe(0);
});

test("a start with --keep finds the rows of the start before", async () => {
  const path = `${folder}/kept.sqlite`;
  expect(await rowsAtStart(path, [])).toBe(0);
  expect(await rowsAtStart(path, ["--keep"])).toBe(1);
});

test("with SIGNAL_CORS_ORIGINS a page of that origin may use the stream and the API, and nothing else", async () => {
  const origin = "http://localhost:5173";
  const open = await Signal.start({ env: { SIGNAL_CORS_ORIGINS: origin } });
  try {
    const token = await open.token("u-owner");
    const ask = (path: string, from: string) =>
      open.fetch(path, { headers: { origin: from, authorization: `Bearer ${token}` } });
    const api = await ask("/v1/notifications", origin);
    expect([api.status, api.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
    const preflight = await open.fetch("/v1/notifications/x", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "PATCH", "access-control-request-headers": "authorization" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    const stranger = await ask("/v1/notifications", "http://evil.example");
    expect(stranger.headers.get("access-control-allow-origin")).toBeNull();
    expect((await ask("/dev/info", origin)).status).toBe(403);
    for (const [from, status] of [
      [origin, 101],
      ["http://evil.example", 403],
    ] as const) {
      const client = await RawClient.dial(open.ws);
      client.write(upgradeHead("/stream", { Host: `127.0.0.1:${open.port}`, Origin: from }));
      expect(await client.response()).toBe(status);
      client.destroy();
    }
  } finally {
    await open.stop();
  }
});
