// What /stream answers to each kind of input (docs/protocol.md#error-messages, docs/protocol.md#close-codes), over TCP
// and over TLS, against the built binary.
import { describe, expect, test } from "bun:test";
import { IgnisClient } from "./support/ignis_client";
import { Issuer } from "./support/issuer";
import { opcodes, RawClient } from "./support/raw_client";
import { patience, Signal, slowness, until } from "./support/signal";
import { clientPublicKey, error, streamScene } from "./support/stream_scene";

describe.each(["ws", "wss"])("/stream over %s", (scheme) => {
  const { scene, token, connect, authenticate } = streamScene(scheme);

  test("a plain request on that path: 426, JSON error", async () => {
    const response = await fetch(scene.signal.http + "/stream", { tls: { rejectUnauthorized: false } } as RequestInit);
    expect(response.status).toBe(426);
    expect(await response.json()).toMatchObject({ statusCode: 426, message: expect.any(String) });
  });

  test("the server stays silent on open", async () => {
    const client = await RawClient.upgrade(scene.signal.ws);
    await Bun.sleep(300);
    expect(client.frames).toEqual([]);
    client.destroy();
  });

  test("`connected` in plaintext, members and order to the byte", async () => {
    const client = await connect();
    expect(client.wire[0]).toMatch(
      /^\{"event":"connected","data":\{"id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}","userId":"u1","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","serverPublicKey":"[A-Za-z0-9+/]{87}=","salt":"[A-Za-z0-9+/]{43}="\}\}$/,
    );
    client.close();
  });

  test("a numeric userId comes back as a number", async () => {
    const client = await connect(9007199254740);
    expect(client.connected.userId).toBe(9007199254740);
    client.close();
  });

  test("no `authenticate` within the time-out: close 4001", async () => {
    const client = await RawClient.upgrade(scene.impatient.ws);
    client.text({ event: "heartbeat" });
    expect(await client.waitClose()).toEqual({ code: 4001, reason: "Authentication timeout" });
    expect(client.messages()).toEqual([]);
  });

  test("`authenticate` not finished within three time-outs: close 4001", async () => {
    const slow = await Issuer.start();
    slow.mode = "hang";
    const waiting = await Signal.start({
      tls: scene.tls,
      flags: ["--jwks-url", slow.url, "--jwks-timeout-ms", "30000", "--ws-auth-timeout-ms", String(300 * slowness)],
    });
    const client = await RawClient.upgrade(waiting.ws);
    const began = Date.now();
    client.text({
      event: "authenticate",
      data: { type: "Bearer", token: await slow.token({ userId: "u1" }), clientPublicKey },
    });
    client.text({ event: "authenticate", data: {} });
    expect(await client.waitClose()).toEqual({ code: 4001, reason: "Authentication timeout" });
    expect(Date.now() - began).toBeGreaterThan(850 * slowness);
    expect(client.messages()).toEqual([error("Already authenticated")]);
    await waiting.stop();
    slow.stop();
  });

  test("not JSON: `Invalid message format`; the connection stays", async () => {
    const client = await RawClient.upgrade(scene.signal.ws);
    client.text("{nope");
    client.frame(opcodes.binary, "also nope");
    expect(await client.waitMessages(2)).toEqual([error("Invalid message format"), error("Invalid message format")]);
    const sealed = await connect();
    sealed.send("{nope");
    const answer = await sealed.waitFrame((frame) => frame.event === "error");
    expect(answer).toEqual(error("Invalid message format")); // opened: it was encrypted
    expect(client.ended).toBe(false);
    client.destroy();
    sealed.close();
  });
  test("anything but `authenticate`, `heartbeat` before `connected`: `Not authenticated`", async () => {
    const client = await RawClient.upgrade(scene.signal.ws);
    client.text({ event: "heartbeat" });
    for (const event of ["join", "leave", "ping", "refresh", "encrypted", "custom", 5]) client.text({ event });
    expect(await client.waitMessages(7)).toEqual(Array(7).fill(error("Not authenticated")));
    client.destroy();
  });
  test("JSON that is not an object, no `event`, an unknown event, a nested `encrypted`: ignored", async () => {
    const client = await RawClient.upgrade(scene.signal.ws);
    for (const text of ["null", "5", '"x"', "[]", "true", "{}", '{"event":null}', '{"event":""}', '{"data":1}'])
      client.text(text);
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
      const client = await RawClient.upgrade(scene.signal.ws);
      client.frame(opcode, Buffer.from([0x22, 0xff, 0x22]));
      expect((await client.waitClose()).code).toBe(1007);
      await client.waitEnd();
    }
    const client = await RawClient.upgrade(scene.signal.ws);
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
      const client = await RawClient.upgrade(scene.signal.ws);
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
    const early = await RawClient.upgrade(scene.signal.ws);
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
    await fits.waitMessages(2); // its pong, encrypted
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
    const value = await scene.issuer.token({ userId: "u1" });
    const alive = await IgnisClient.connect(scene.impatient.ws, value);
    const silent = await authenticate({ type: "Bearer", token: value, clientPublicKey }, scene.impatient);
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
    const tight = await Signal.start({
      tls: scene.tls,
      flags: ["--jwks-url", scene.issuer.url, "--ws-backpressure-bytes", "65536"],
    });
    const value = await scene.issuer.token({ userId: "slow" });
    const slow = await RawClient.upgrade(tight.ws);
    slow.text({ event: "authenticate", data: { type: "Bearer", token: value, clientPublicKey } });
    await slow.waitMessages(1);
    slow.socket.pause();
    const swift = await IgnisClient.connect(tight.ws, await scene.issuer.token({ userId: "swift" }));
    swift.keepWire = false;
    const size = 20_000;
    let sent = 0;
    for (
      ;
      sent < 400 && tight.logs.every((line) => line.event !== "session closed" || line.reason !== "Slow consumer");
      ++sent
    ) {
      await tight.publish("ws:broadcast", {
        serverId: "emitter",
        type: "broadcast",
        event: "bulk",
        data: { n: sent, text: "x".repeat(size) },
      });
      await swift.waitFrame((frame) => frame.data?.n === sent, 2_000);
    }
    slow.socket.resume();
    expect(await slow.waitClose(15_000)).toEqual({ code: 1013, reason: "Slow consumer" });
    expect(swift.frames.length).toBe(sent);
    await tight.stop();
  });
  test("slow front door: a head not there within 5 s: 408 or close; over 16 KiB: 431; a body over 64 KiB: 413", async () => {
    const silent = await RawClient.dial(scene.signal.ws);
    const dripping = await RawClient.dial(scene.signal.ws);
    dripping.write("GET / HTTP/1.1\r\n");
    const big = await RawClient.dial(scene.signal.ws);
    big.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(17_000)}\r\n\r\n`);
    expect(await big.response()).toBe(431);
    const body = await RawClient.dial(scene.signal.ws);
    body.write("POST /v1/notifications/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n");
    expect(await body.response()).toBe(413);
    const began = Date.now();
    expect(await dripping.response(8_000)).toBe(408);
    expect(Date.now() - began).toBeLessThan(7_000 * patience);
    await dripping.waitEnd();
    await silent.waitEnd(8_000);
  });
  test("shutdown: /health/accept 503 first, then close 1001, queued frames leave before the close", async () => {
    const leaving = await Signal.start({
      tls: scene.tls,
      flags: ["--drain-ms", String(600 * slowness), "--shutdown-grace-ms", "300"],
    });
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
