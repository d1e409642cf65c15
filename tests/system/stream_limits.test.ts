// What /stream refuses, and whom it closes for others: connections, handshakes, messages, origins, paths.
import { expect, test } from "bun:test";
import { devStage } from "./support/dev_stage";
import { RawClient } from "./support/raw_client";
import type { Signal } from "./support/signal";

const { stage, start, connect } = devStage(
  "--ws-messages-per-second",
  "0",
  "--cors-origins",
  "https://pos.example,tauri://localhost",
);

/** An instance with other limits, for one story. */
async function within(flags: string, story: (at: Signal) => Promise<void>) {
  const at = await start(...flags.split(" "));
  await story(at);
  await at.stop();
}

test("one connection more than a user may have closes the oldest of that user with 4008", () =>
  within("--ws-max-connections-per-user 2 --workers 2", async (at) => {
    const [first, second] = [await connect("amy", {}, at), await connect("amy", {}, at)];
    const third = await connect("amy", {}, at);
    expect(await first.waitClosed()).toEqual({ code: 4008, reason: "Too many connections" });
    expect(second.closed).toBeNull();
    expect(third.closed).toBeNull();
  }));

test("one handshake more than the limit closes the oldest client without authenticate with 1013", () =>
  within("--ws-max-handshakes 1", async (at) => {
    const first = await RawClient.upgrade(at.ws);
    expect(first.status).toBe(101);
    const second = await RawClient.upgrade(at.ws);
    expect(second.status).toBe(101);
    expect(await first.waitClose()).toEqual({ code: 1013, reason: "Too many handshakes" });
    second.destroy();
  }));

test("one connection more than the limit is refused with 503 and Retry-After at the upgrade", () =>
  within("--ws-max-connections 1", async (at) => {
    const one = await RawClient.upgrade(at.ws);
    const refused = await RawClient.upgrade(at.ws);
    expect(refused.status).toBe(503);
    expect(refused.head).toMatch(/^retry-after: \d+/im);
    one.destroy();
  }));

test("health is answered while there are as many connections as may be", () =>
  within("--ws-max-connections 1", async (at) => {
    const one = await RawClient.upgrade(at.ws);
    expect((await at.fetch("/health/live")).status).toBe(200);
    one.destroy();
  }));

test("messages over the rate close the connection with 1008", () =>
  within("--ws-messages-per-second 20", async (at) => {
    const client = await RawClient.upgrade(at.ws);
    for (let i = 0; i < 1_000; ++i) client.text({ event: "heartbeat" });
    expect(await client.waitClose()).toEqual({ code: 1008, reason: "Rate limit" });
  }));

test.each([
  ["an allowed origin", 101, { Origin: "tauri://localhost" }],
  ["an origin that is not allowed", 403, { Origin: "https://evil.example" }],
  ["no origin", 101, {}],
])("an upgrade from %s is answered %d", async (_, status, headers: Record<string, string>) => {
  const client = await RawClient.upgrade(stage.signal.ws, headers);
  expect(client.status).toBe(status);
  client.destroy();
});

test.each([
  ["/stream/", 404],
  ["/Stream", 404],
  ["/v1/stream", 404],
  ["/stream?x=1", 101],
])("an upgrade at %s is answered %d", async (path, status) => {
  const client = await RawClient.upgrade(stage.signal.ws.replace("/stream", path));
  expect(client.status).toBe(status);
  client.destroy();
});
