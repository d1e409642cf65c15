// What /stream answers to each kind of input (docs/protocol.md#error-messages, docs/protocol.md#close-codes), over TCP and over TLS, against the built binary.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { makeCertificate } from "./support/certificate";
import { IgnisClient } from "./support/ignis_client";
import { Issuer } from "./support/issuer";
import { opcodes, RawClient } from "./support/raw_client";
import { patience, Signal, slowness, until } from "./support/signal";

const error = (message: string) => ({ event: "error", data: { message } });
// A valid point: the test vector's client key.
const clientPublicKey = "BPkUXnV3pLaqJZNDzOCbC1hWaV3hm+TfG43KSznC9r3heYWMFvzcmqj9z7y9c2lTf7TFKAjz9+VIdMghTVP7fVo=";
const certificate = makeCertificate();
afterAll(() => rmSync(certificate.folder, { recursive: true }));

describe.each(["ws", "wss"])("/stream over %s", (scheme) => {
  const tls = scheme === "wss" ? certificate : undefined;
  let issuer: Issuer;
  let signal: Signal;      // ordinary settings
  let impatient: Signal;   // short time-outs

  beforeAll(async () => {
    issuer = await Issuer.start();
    signal = await Signal.start({ tls, flags: ["--jwks-url", issuer.url, "--jwt-issuer", "issuer.test", "--jwt-audience", "signal", "--jwks-cooldown-ms", "300",
      "--ws-messages-per-second", "0"] });
    impatient = await Signal.start({ tls, flags: ["--jwks-url", issuer.url, "--ws-auth-timeout-ms", String(400 * slowness),
      "--ws-heartbeat-interval-ms", "200", "--ws-heartbeat-timeout-ms", String(1200 * slowness), "--drain-ms", "200", "--shutdown-grace-ms", "500",
      "--ws-messages-per-second", "0", "--jwks-timeout-ms", "30000", "--jwks-cooldown-ms", "0"] });
  });
  afterAll(async () => {
    await signal.stop();
    await impatient.stop();
    issuer.stop();
  });

  const token = (claims: Record<string, unknown> = {}, options: Parameters<Issuer["token"]>[1] = {}) =>
    issuer.token({ userId: "u1", roles: [], iss: "issuer.test", aud: "signal", ...claims }, options);
  const connect = async (userId: unknown = "u1") => IgnisClient.connect(signal.ws, await token({ userId }));
  const authenticate = async (data: Record<string, unknown>, at: Signal = signal) => {
    const client = await RawClient.upgrade(at.ws);
    client.text({ event: "authenticate", data });
    return client;
  };
  const refused = async (data: Record<string, unknown>, message: string, code: number, reason: string) => {
    const client = await authenticate(data);
    expect(await client.waitClose()).toEqual({ code, reason });
    expect(client.messages()).toEqual([error(message)]);
    await client.waitEnd();
  };
  const refusedToken = (value: unknown, more: Record<string, unknown> = {}) =>
    refused({ type: "Bearer", token: value, clientPublicKey, ...more }, "Authentication failed", 4003, "Authentication failed");

  test("a plain request on that path: 426, JSON error", async () => {
    const response = await fetch(signal.http + "/stream", { tls: { rejectUnauthorized: false } } as RequestInit);
    expect(response.status).toBe(426);
    expect(await response.json()).toMatchObject({ statusCode: 426, message: expect.any(String) });
  });

  test("the server stays silent on open", async () => {
    const client = await RawClient.upgrade(signal.ws);
    await Bun.sleep(300);
    expect(client.frames).toEqual([]);
    client.destroy();
  });

  test("`connected` in plaintext, members and order to the byte", async () => {
    const client = await connect();
    expect(client.wire[0]).toMatch(
      /^\{"event":"connected","data":\{"id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}","userId":"u1","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","serverPublicKey":"[A-Za-z0-9+/]{87}=","salt":"[A-Za-z0-9+/]{43}="\}\}$/);
    client.close();
  });

  test("a numeric userId comes back as a number", async () => {
    const client = await connect(9007199254740);
    expect(client.connected.userId).toBe(9007199254740);
    client.close();
  });

  test("no `authenticate` within the time-out: close 4001", async () => {
    const client = await RawClient.upgrade(impatient.ws);
    client.text({ event: "heartbeat" });
    expect(await client.waitClose()).toEqual({ code: 4001, reason: "Authentication timeout" });
    expect(client.messages()).toEqual([]);
  });

  test("`authenticate` not finished within three time-outs: close 4001", async () => {
    const slow = await Issuer.start();
    slow.mode = "hang";
    const waiting = await Signal.start({ tls, flags: ["--jwks-url", slow.url, "--jwks-timeout-ms", "30000", "--ws-auth-timeout-ms", String(300 * slowness)] });
    const client = await RawClient.upgrade(waiting.ws);
    const began = Date.now();
    client.text({ event: "authenticate", data: { type: "Bearer", token: await slow.token({ userId: "u1" }), clientPublicKey } });
    client.text({ event: "authenticate", data: {} });
    expect(await client.waitClose()).toEqual({ code: 4001, reason: "Authentication timeout" });
    expect(Date.now() - began).toBeGreaterThan(850 * slowness);
    expect(client.messages()).toEqual([error("Already authenticated")]);
    await waiting.stop();
    slow.stop();
  });

  test("token missing", async () => {
    for (const value of [undefined, "", null, 5, "garbage", "a.b.c"]) await refusedToken(value);
  });
  test("token expired", async () => { await refusedToken(await token({}, { exp: Math.floor(Date.now() / 1000) - 6 })); });
  test("token not yet valid", async () => { await refusedToken(await token({ nbf: Math.floor(Date.now() / 1000) + 60 })); });
  test("token forged", async () => {
    const good = await token();
    const [head, payload, signature] = good.split(".") as [string, string, string];
    const other = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, "base64url").toString()), userId: "u2" })).toString("base64url");
    await refusedToken(`${head}.${other}.${signature}`);
    await refusedToken(`${head}.${payload}.`);
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    await refusedToken(`${none}.${payload}.`);
    const stranger = await Issuer.start();
    await refusedToken(await stranger.token({ userId: "u1", iss: "issuer.test", aud: "signal" }));
    stranger.stop();
  });
  test("token over 8 KiB", async () => { await refusedToken(await token({ filler: "x".repeat(9000) })); });
  test("token without `userId` or `exp`", async () => {
    await refusedToken(await token({ userId: undefined }));
    await refusedToken(await token({}, { exp: null }));
  });
  test("`userId` neither a non-empty string ≤ 128 bytes nor an integer other than 0", async () => {
    for (const userId of ["", "x".repeat(129), "é".repeat(65), 0, 1.5, true, null, [], {}]) await refusedToken(await token({ userId }));
  });
  test("`userId` of a room's shape", async () => {
    for (const userId of ["org:1", "merchant:m1", "ws-default", "ws-notification", "ws:user:1"]) await refusedToken(await token({ userId }));
  });
  test("a `type` that is not Bearer; none, and any letter case of it, are taken", async () => {
    await refusedToken(await token(), { type: "Basic" });
    for (const type of [undefined, "bearer", "BEARER"]) {
      const client = await IgnisClient.connect(signal.ws, await token(), { type });
      client.close();
    }
  });
  test("wrong issuer or audience", async () => {
    await refusedToken(await token({ iss: "someone.else" }));
    await refusedToken(await token({ aud: "other" }));
  });
  test("a key withdrawn by a later successful fetch", async () => {
    await issuer.addKey("old", "ES256");
    const old = await token({}, { kid: "old" });
    // The key came after the first fetch: an unknown kid refetches once the cool-down has passed.
    await until(async () => IgnisClient.connect(signal.ws, old).then((client) => { client.close(); return true; }, () => false), 10_000, "the new key");
    issuer.withdraw("old");
    await issuer.addKey("next", "ES256");
    await until(async () => IgnisClient.connect(signal.ws, await token({}, { kid: "next" })).then((client) => { client.close(); return true; }, () => false), 10_000, "the next key");
    await refusedToken(old);
  });
  test("JWKS not reachable and the key not cached", async () => {
    const away = await Issuer.start();
    const value = await away.token({ userId: "u1" });
    const { url } = away;
    away.stop();
    const alone = await Signal.start({ tls, flags: ["--jwks-url", url] });
    const client = await authenticate({ type: "Bearer", token: value, clientPublicKey }, alone);
    expect(await client.waitClose()).toEqual({ code: 4003, reason: "Authentication failed" });
    expect(client.messages()).toEqual([error("Authentication failed")]);
    await alone.stop();
  });
  test("tokens of every algorithm family are taken", async () => {
    for (const alg of ["ES384", "ES512", "RS256", "PS256", "EdDSA"]) await issuer.addKey(alg, alg);
    for (const alg of ["ES384", "ES512", "RS256", "PS256", "EdDSA"]) {
      await until(async () => IgnisClient.connect(signal.ws, await token({}, { kid: alg })).then((client) => { client.close(); return true; }, () => false), 10_000, alg);
    }
  });

  test("token good, `clientPublicKey` missing or empty: close 4004", async () => {
    for (const key of [undefined, "", null]) {
      await refused({ type: "Bearer", token: await token(), clientPublicKey: key }, "Encryption handshake failed", 4004, "Encryption required");
    }
  });
  test("token bad, `clientPublicKey` missing: the token is judged first", async () => {
    await refused({ type: "Bearer", token: "x" }, "Authentication failed", 4003, "Authentication failed");
  });
  test("token good, `clientPublicKey` not base64 of the 65-byte form, or not on the curve: close 4003", async () => {
    const point = Buffer.from(clientPublicKey, "base64");
    const offCurve = Buffer.from(point); offCurve[64]! ^= 1;
    const compressed = Buffer.concat([Buffer.from([2 + (point[64]! & 1)]), point.subarray(1, 33)]);
    for (const key of ["!!!!", clientPublicKey.slice(0, -1), clientPublicKey.replaceAll("+", "-").replaceAll("/", "_"), "AAAA", offCurve.toString("base64"),
      compressed.toString("base64"), Buffer.alloc(65).toString("base64")]) {
      await refused({ type: "Bearer", token: await token(), clientPublicKey: key }, "Authentication error", 4003, "Authentication failed");
    }
  });

  test("not JSON: `Invalid message format`; the connection stays", async () => {
    const client = await RawClient.upgrade(signal.ws);
    client.text("{nope");
    client.frame(opcodes.binary, "also nope");
    expect(await client.waitMessages(2)).toEqual([error("Invalid message format"), error("Invalid message format")]);
    const sealed = await connect();
    sealed.send("{nope");
    const answer = await sealed.waitFrame((frame) => frame.event === "error");
    expect(answer).toEqual(error("Invalid message format"));  // opened: it was encrypted
    expect(client.ended).toBe(false);
    client.destroy();
    sealed.close();
  });
  test("anything but `authenticate`, `heartbeat` before `connected`: `Not authenticated`", async () => {
    const client = await RawClient.upgrade(signal.ws);
    client.text({ event: "heartbeat" });
    for (const event of ["join", "leave", "ping", "refresh", "encrypted", "custom", 5]) client.text({ event });
    expect(await client.waitMessages(7)).toEqual(Array(7).fill(error("Not authenticated")));
    client.destroy();
  });
  test("JSON that is not an object, no `event`, an unknown event, a nested `encrypted`: ignored", async () => {
    const client = await RawClient.upgrade(signal.ws);
    for (const text of ["null", "5", "\"x\"", "[]", "true", "{}", "{\"event\":null}", "{\"event\":\"\"}", "{\"data\":1}"]) client.text(text);
    const open = await connect();
    open.send({ event: "unheard-of", data: 1 });
    await open.sendSealed({ event: "encrypted", data: { iv: "x", ct: "y" } });
    open.send("[1]");
    open.send({ event: "ping", id: "still here" });
    await open.waitFrame((frame) => frame.event === "pong");
    expect(open.events()).toEqual(["pong"]);
    client.text("{nope");
    expect(await client.waitMessages(1)).toEqual([error("Invalid message format")]);
    client.destroy();
    open.close();
  });
  test("invalid UTF-8 in a text or binary message or a close reason: close 1007", async () => {
    for (const opcode of [opcodes.text, opcodes.binary]) {
      const client = await RawClient.upgrade(signal.ws);
      client.frame(opcode, Buffer.from([0x22, 0xff, 0x22]));
      expect((await client.waitClose()).code).toBe(1007);
      await client.waitEnd();
    }
    const client = await RawClient.upgrade(signal.ws);
    client.frame(opcodes.close, Buffer.from([0x03, 0xe8, 0xc0, 0x80]));
    expect((await client.waitClose()).code).toBe(1007);
    await client.waitEnd();
  });
  test("a protocol error (RFC 6455): close 1002", async () => {
    const misdeeds: ((client: RawClient) => void)[] = [
      (client) => client.frame(opcodes.text, "{}", { masked: false }),
      (client) => client.frame(opcodes.text, "{}", { rsv: 4 }),
      (client) => client.frame(3, "x"),
      (client) => client.frame(opcodes.continuation, "x"),
      (client) => client.frame(opcodes.ping, "x".repeat(126)),
      (client) => client.frame(opcodes.ping, "x", { fin: false }),
      (client) => client.frame(opcodes.close, Buffer.from([0x03])),
      (client) => client.frame(opcodes.close, Buffer.from([0x03, 0xed])),
    ];
    for (const misdeed of misdeeds) {
      const client = await RawClient.upgrade(signal.ws);
      misdeed(client);
      expect((await client.waitClose()).code).toBe(1002);
      await client.waitEnd();
    }
  });
  test("`authenticate` again: `Already authenticated`", async () => {
    const client = await connect();
    client.send({ event: "authenticate", data: {} });
    expect(await client.waitFrame((frame) => frame.event === "error")).toEqual(error("Already authenticated"));
    client.close();
  });
  test("a message over the limit: close 1009; one of exactly the limit is taken", async () => {
    const pad = (size: number) => JSON.stringify({ event: "ping", data: "y".repeat(size - 27) }).padEnd(size, " ");
    const early = await RawClient.upgrade(signal.ws);
    early.text(pad(16_384));
    expect(await early.waitMessages(1)).toEqual([error("Not authenticated")]);
    early.text(pad(16_385));
    expect((await early.waitClose()).code).toBe(1009);
    const open = async () => {
      const client = await authenticate({ type: "Bearer", token: await token(), clientPublicKey });
      await client.waitMessages(1);
      return client;
    };
    const fits = await open();
    fits.text(pad(131_072));
    await fits.waitMessages(2);   // its pong, encrypted
    fits.destroy();
    const whole = await open();
    whole.text(pad(131_073));
    expect((await whole.waitClose()).code).toBe(1009);
    const parts = await open();
    parts.frame(opcodes.text, "a".repeat(100_000), { fin: false });
    parts.frame(opcodes.continuation, "a".repeat(31_073));
    expect((await parts.waitClose()).code).toBe(1009);
  });
  test("encrypted frames that do not open: ignored, the third closes 4004; one that opens between resets the count", async () => {
    const bad = { event: "encrypted", data: { iv: "AAAAAAAAAAAAAAAA", ct: Buffer.alloc(40).toString("base64") } };
    const client = await connect();
    client.send(bad);
    client.send(bad);
    await client.sendSealed({ event: "ping", id: "1" });
    await client.waitFrame((frame) => frame.data?.id === "1");
    client.send(bad);
    client.send({ event: "encrypted", data: 5 });
    await client.sendSealed({ event: "ping", id: "2" });
    await client.waitFrame((frame) => frame.data?.id === "2");
    for (let i = 0; i < 3; ++i) client.send(bad);
    expect(await client.waitClosed()).toEqual({ code: 4004, reason: "Decryption failed" });
  });
  test("a reflected server frame does not open", async () => {
    const client = await connect();
    client.send({ event: "ping", id: "x" });
    await client.waitFrame((frame) => frame.event === "pong");
    for (let i = 0; i < 3; ++i) client.send(client.wire[1]!);
    expect(await client.waitClosed()).toEqual({ code: 4004, reason: "Decryption failed" });
  });
  test("no message frame for the heartbeat time-out (pings do not count): close 4002", async () => {
    const value = await issuer.token({ userId: "u1" });
    const alive = await IgnisClient.connect(impatient.ws, value);
    const silent = await authenticate({ type: "Bearer", token: value, clientPublicKey }, impatient);
    await silent.waitMessages(1);
    const began = Date.now();
    const beat = setInterval(() => alive.send({ event: "heartbeat" }), 100);
    const pings = setInterval(() => silent.frame(opcodes.ping, "p"), 100);
    expect(await silent.waitClose()).toEqual({ code: 4002, reason: "Heartbeat timeout" });
    clearInterval(pings);
    clearInterval(beat);
    expect(Date.now() - began).toBeGreaterThan(1100 * slowness);
    expect(silent.frames.some((frame) => frame.opcode === opcodes.pong)).toBe(true);
    expect(alive.closed).toBeNull();
    alive.close();
  });
  test("a client that does not take its messages: close 1013, the others are not delayed", async () => {
    const tight = await Signal.start({ tls, flags: ["--jwks-url", issuer.url, "--ws-backpressure-bytes", "65536"] });
    const value = await issuer.token({ userId: "slow" });
    const slow = await RawClient.upgrade(tight.ws);
    slow.text({ event: "authenticate", data: { type: "Bearer", token: value, clientPublicKey } });
    await slow.waitMessages(1);
    slow.socket.pause();
    const swift = await IgnisClient.connect(tight.ws, await issuer.token({ userId: "swift" }));
    swift.keepWire = false;
    const size = 20_000;
    let sent = 0;
    for (; sent < 400 && tight.logs.every((line) => line.event !== "session closed" || line.reason !== "Slow consumer"); ++sent) {
      await tight.publish("ws:broadcast", { serverId: "emitter", type: "broadcast", event: "bulk", data: { n: sent, text: "x".repeat(size) } });
      await swift.waitFrame((frame) => frame.data?.n === sent, 2_000);
    }
    slow.socket.resume();
    expect(await slow.waitClose(15_000)).toEqual({ code: 1013, reason: "Slow consumer" });
    expect(swift.frames.length).toBe(sent);
    await tight.stop();
  });
  test("slow front door: a head not there within 5 s: 408 or close; over 16 KiB: 431; a body over 64 KiB: 413", async () => {
    const silent = await RawClient.dial(signal.ws);
    const dripping = await RawClient.dial(signal.ws);
    dripping.write("GET / HTTP/1.1\r\n");
    const big = await RawClient.dial(signal.ws);
    big.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(17_000)}\r\n\r\n`);
    expect(await big.response()).toBe(431);
    const body = await RawClient.dial(signal.ws);
    body.write("POST /v1/notifications/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n");
    expect(await body.response()).toBe(413);
    const began = Date.now();
    expect(await dripping.response(8_000)).toBe(408);
    expect(Date.now() - began).toBeLessThan(7_000 * patience);
    await dripping.waitEnd();
    await silent.waitEnd(8_000);
  });
  test("shutdown: /health/accept 503 first, then close 1001, queued frames leave before the close", async () => {
    const leaving = await Signal.start({ tls, flags: ["--drain-ms", String(600 * slowness), "--shutdown-grace-ms", "300"] });
    const client = await IgnisClient.connect(leaving.ws, await leaving.token("u-owner"));
    expect((await leaving.fetch("/health/accept")).status).toBe(200);
    leaving.kill("SIGTERM");
    await until(async () => (await leaving.fetch("/health/accept")).status === 503, 2_000, "503 while draining");
    expect(client.closed).toBeNull();
    await leaving.publish("ws:broadcast", { serverId: "emitter", type: "broadcast", event: "last-words", data: 1 });
    expect(await client.waitClosed()).toEqual({ code: 1001, reason: "Server shutting down" });
    expect(client.events()).toEqual(["last-words"]);
    await leaving.stop();
  });
});
