// Whom /stream closes because time or room runs out, over TCP and over TLS: silent, slow and late clients, and all of
// them at the end (docs/protocol.md#close-codes).
import { beforeAll, describe, expect, test } from "bun:test";
import { IgnisClient } from "./support/ignis_client";
import { opcodes, RawClient } from "./support/raw_client";
import { patience, Signal, slowness, until } from "./support/signal";
import { clientPublicKey, streamScene } from "./support/stream_scene";

describe.each(["ws", "wss"])("stream ends over %s", (scheme) => {
  const { scene, authenticate, authenticated } = streamScene(scheme);

  /** Authenticated at the impatient instance. */
  const silentClient = async () => {
    const token = await scene.issuer.token({ userId: "u1" });
    const client = await authenticate({ type: "Bearer", token, clientPublicKey }, scene.impatient);
    await client.waitMessages(1);
    return client;
  };

  test("a client that sends nothing but pings for the heartbeat time-out is closed with 4002", async () => {
    const silent = await silentClient();
    const began = Date.now();
    const pings = setInterval(() => silent.frame(opcodes.ping, "p"), 100);
    expect(await silent.waitClose()).toEqual({ code: 4002, reason: "Heartbeat timeout" });
    clearInterval(pings);
    expect(Date.now() - began).toBeGreaterThan(1900 * slowness);
    expect(silent.frames.some((frame) => frame.opcode === opcodes.pong)).toBe(true);
  });

  test("a client that sends heartbeats is there when a silent one has been closed", async () => {
    const alive = await IgnisClient.connect(scene.impatient.ws, await scene.issuer.token({ userId: "u1" }));
    const beat = setInterval(() => alive.send({ event: "heartbeat" }), 100);
    await (await silentClient()).waitClose();
    clearInterval(beat);
    expect(alive.closed).toBeNull();
    alive.close();
  });

  test("a client that does not read is closed with 1013, and another one hears each push meanwhile", async () => {
    const flags = "--jwt-issuer issuer.test --jwt-audience signal --ws-backpressure-bytes 65536".split(" ");
    const tight = await Signal.start({ tls: scene.tls, flags: ["--jwks-url", scene.issuer.url, ...flags] });
    const slow = await authenticated(tight);
    slow.socket.pause();
    const claims = { userId: "swift", iss: "issuer.test", aud: "signal" };
    const swift = await IgnisClient.connect(tight.ws, await scene.issuer.token(claims));
    swift.keepWire = false;
    const closes = () => tight.logs.some((line) => line.event === "session closed" && line.reason === "Slow consumer");
    let sent = 0;
    while (sent < 400 && !closes()) {
      const data = { n: sent, text: "x".repeat(20_000) };
      await tight.publish("ws:broadcast", { serverId: "emitter", type: "broadcast", event: "bulk", data });
      await swift.waitFrame((frame) => frame.data?.n === data.n, 2_000);
      ++sent;
    }
    slow.socket.resume();
    expect(await slow.waitClose(15_000)).toEqual({ code: 1013, reason: "Slow consumer" });
    expect(swift.frames.length).toBe(sent);
    await tight.stop();
  });

  test("a request head over 16 KiB is answered 431", async () => {
    const client = await RawClient.dial(scene.signal.ws);
    client.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(17_000)}\r\n\r\n`);
    expect(await client.response()).toBe(431);
  });

  test("a request body over 64 KiB is answered 413", async () => {
    const client = await RawClient.dial(scene.signal.ws);
    client.write("POST /v1/notifications/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n");
    expect(await client.response()).toBe(413);
  });

  /** Both wait for the same 5 s: they are begun together. */
  let late: { silent: RawClient; dripping: RawClient; began: number };
  beforeAll(async () => {
    late = {
      silent: await RawClient.dial(scene.signal.ws),
      dripping: await RawClient.dial(scene.signal.ws),
      began: Date.now(),
    };
    late.dripping.write("GET / HTTP/1.1\r\n");
  });

  test.each([
    ["a connection that says nothing", "silent"],
    ["a request whose head does not end", "dripping"],
  ] as const)("%s is answered 408 after 5 s, and ended", async (_, which) => {
    expect(await late[which].response(8_000)).toBe(408);
    expect(Date.now() - late.began).toBeLessThan(7_000 * patience);
    await late[which].waitEnd();
  });

  const leavingInstance = () =>
    Signal.start({ tls: scene.tls, flags: ["--drain-ms", String(600 * slowness), "--shutdown-grace-ms", "300"] });

  test("after SIGTERM /health/accept is 503 while clients stay connected", async () => {
    const leaving = await leavingInstance();
    const client = await IgnisClient.connect(leaving.ws, await leaving.token("u-owner"));
    expect((await leaving.fetch("/health/accept")).status).toBe(200);
    leaving.kill("SIGTERM");
    await until(async () => (await leaving.fetch("/health/accept")).status === 503, 2_000, "503 while draining");
    expect(client.closed).toBeNull();
    await leaving.stop();
  });

  test("an instance that ends sends what is queued, and then closes with 1001", async () => {
    const leaving = await leavingInstance();
    const client = await IgnisClient.connect(leaving.ws, await leaving.token("u-owner"));
    leaving.kill("SIGTERM");
    await leaving.publish("ws:broadcast", { serverId: "emitter", type: "broadcast", event: "last-words", data: 1 });
    expect(await client.waitClosed()).toEqual({ code: 1001, reason: "Server shutting down" });
    expect(client.events()).toEqual(["last-words"]);
    await leaving.stop();
  });
});
