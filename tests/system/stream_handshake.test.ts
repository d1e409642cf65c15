// How /stream opens, over TCP and over TLS: the upgrade, `authenticate`, `connected`, and the time for them
// (docs/protocol.md#error-messages, docs/protocol.md#close-codes).
import { describe, expect, test } from "bun:test";
import { Issuer } from "./support/issuer";
import { RawClient } from "./support/raw_client";
import { Signal, slowness } from "./support/signal";
import { clientPublicKey, error, streamScene } from "./support/stream_scene";

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const base64 = (length: number) => `[A-Za-z0-9+/]{${length}}=`;

describe.each(["ws", "wss"])("stream handshake over %s", (scheme) => {
  const { scene, connect } = streamScene(scheme);

  test("a request that is no upgrade is answered 426 with a JSON error", async () => {
    const response = await fetch(scene.signal.http + "/stream", { tls: { rejectUnauthorized: false } } as RequestInit);
    expect(response.status).toBe(426);
    expect(await response.json()).toMatchObject({ statusCode: 426, message: expect.any(String) });
  });

  test("the server says nothing before the client does", async () => {
    const client = await RawClient.upgrade(scene.signal.ws);
    await Bun.sleep(300);
    expect(client.frames).toEqual([]);
    client.destroy();
  });

  test("`connected` comes in plaintext, with its members in their order", async () => {
    const client = await connect();
    const data = [
      `"id":"${uuid}"`,
      '"userId":"u1"',
      `"time":"${time}"`,
      `"serverPublicKey":"${base64(87)}"`,
      `"salt":"${base64(43)}"`,
    ];
    expect(client.wire[0]).toMatch(new RegExp(`^\\{"event":"connected","data":\\{${data.join()}\\}\\}$`));
    client.close();
  });

  test("a userId that is a number comes back as a number", async () => {
    const client = await connect(9007199254740);
    expect(client.connected.userId).toBe(9007199254740);
    client.close();
  });

  test("a client that does not authenticate within the time-out is closed with 4001", async () => {
    const client = await RawClient.upgrade(scene.impatient.ws);
    client.text({ event: "heartbeat" });
    expect(await client.waitClose()).toEqual({ code: 4001, reason: "Authentication timeout" });
    expect(client.messages()).toEqual([]);
  });

  test("a client whose keys do not come within three time-outs is closed with 4001", async () => {
    const slow = await Issuer.start();
    slow.mode = "hang";
    const waiting = await Signal.start({
      tls: scene.tls,
      flags: ["--jwks-url", slow.url, "--jwks-timeout-ms", "30000", "--ws-auth-timeout-ms", String(300 * slowness)],
    });
    const client = await RawClient.upgrade(waiting.ws);
    const began = Date.now();
    const token = await slow.token({ userId: "u1" });
    client.text({ event: "authenticate", data: { type: "Bearer", token, clientPublicKey } });
    expect(await client.waitClose()).toEqual({ code: 4001, reason: "Authentication timeout" });
    expect(Date.now() - began).toBeGreaterThan(850 * slowness);
    expect(client.messages()).toEqual([]);
    slow.stop(); // first: the instance waits for the answer of its fetch
    await waiting.stop();
  });

  test("a second `authenticate` while the first waits is answered `Already authenticated`", async () => {
    const slow = await Issuer.start();
    slow.mode = "hang";
    const waiting = await Signal.start({ tls: scene.tls, flags: ["--jwks-url", slow.url] });
    const client = await RawClient.upgrade(waiting.ws);
    const token = await slow.token({ userId: "u1" });
    client.text({ event: "authenticate", data: { type: "Bearer", token, clientPublicKey } });
    client.text({ event: "authenticate", data: {} });
    expect(await client.waitMessages(1)).toEqual([error("Already authenticated")]);
    client.destroy();
    slow.stop(); // first: the instance waits for the answer of its fetch
    await waiting.stop();
  });

  test("`authenticate` after `connected` is answered `Already authenticated`", async () => {
    const client = await connect();
    client.send({ event: "authenticate", data: {} });
    expect(await client.waitFrame((frame) => frame.event === "error")).toEqual(error("Already authenticated"));
    client.close();
  });
});
