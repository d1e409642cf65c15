// What /stream answers to each kind of message, over TCP and over TLS (docs/protocol.md#error-messages,
// docs/protocol.md#close-codes).
import { describe, expect, test } from "bun:test";
import { opcodes, RawClient } from "./support/raw_client";
import { error, streamScene } from "./support/stream_scene";

const notJson = error("Invalid message format");
const failed = { code: 4004, reason: "Decryption failed" };
/** A ping that is filled up to `size` bytes. */
const pad = (size: number) => JSON.stringify({ event: "ping", data: "y".repeat(size - 27) }).padEnd(size, " ");
const sealedWrongly = { event: "encrypted", data: { iv: "AAAAAAAAAAAAAAAA", ct: Buffer.alloc(40).toString("base64") } };

describe.each(["ws", "wss"])("stream messages over %s", (scheme) => {
  const { scene, connect, authenticated } = streamScene(scheme);
  const upgrade = () => RawClient.upgrade(scene.signal.ws);

  test.each([
    ["text", opcodes.text],
    ["binary", opcodes.binary],
  ])(
    "a %s message that is not JSON is answered `Invalid message format`, and the connection stays",
    async (_, kind) => {
      const client = await upgrade();
      for (let n = 1; n <= 2; ++n) {
        client.frame(kind, "{nope");
        expect((await client.waitMessages(n)).at(-1)).toEqual(notJson);
      }
      expect(client.ended).toBe(false);
      client.destroy();
    },
  );

  test("after `connected` the error for a message that is not JSON is encrypted", async () => {
    const client = await connect();
    client.send("{nope");
    const answer = await client.waitFrame((frame) => frame.event === "error");
    expect(answer).toEqual(notJson); // without `inClear`
    client.close();
  });

  test.each(["join", "leave", "ping", "refresh", "encrypted", "custom", 5])(
    "the event %p before `connected` is answered `Not authenticated`",
    async (event) => {
      const client = await upgrade();
      client.text({ event });
      expect(await client.waitMessages(1)).toEqual([error("Not authenticated")]);
      client.destroy();
    },
  );

  test("a heartbeat before `connected` is not answered", async () => {
    const client = await upgrade();
    client.text({ event: "heartbeat" });
    client.text({ event: "custom" });
    expect(await client.waitMessages(1)).toEqual([error("Not authenticated")]);
    client.destroy();
  });

  test("JSON that is no object, or has no event, is not answered before `connected`", async () => {
    const client = await upgrade();
    for (const text of ["null", "5", '"x"', "[]", "true", "{}", '{"event":null}', '{"event":""}', '{"data":1}'])
      client.text(text);
    client.text("{nope");
    expect(await client.waitMessages(1)).toEqual([notJson]);
    client.destroy();
  });

  test("an unknown event, JSON that is no object, and an envelope in an envelope are not answered", async () => {
    const client = await connect();
    client.send({ event: "unheard-of", data: 1 });
    client.send("[1]");
    await client.sendSealed({ event: "encrypted", data: { iv: "x", ct: "y" } });
    client.send({ event: "ping", id: "behind" });
    await client.waitFrame((frame) => frame.event === "pong");
    expect(client.events()).toEqual(["pong"]);
    client.close();
  });

  const invalid = Buffer.from([0x22, 0xff, 0x22]);
  test.each([
    ["a text message", opcodes.text, invalid],
    ["a binary message", opcodes.binary, invalid],
    ["the reason of a close", opcodes.close, Buffer.from([0x03, 0xe8, 0xc0, 0x80])],
  ])("invalid UTF-8 in %s closes with 1007", async (_, opcode, payload) => {
    const client = await upgrade();
    client.frame(opcode, payload);
    expect((await client.waitClose()).code).toBe(1007);
    await client.waitEnd();
  });

  test.each<[string, (client: RawClient) => void]>([
    ["a frame without a mask", (client) => client.frame(opcodes.text, "{}", { masked: false })],
    ["a reserved bit", (client) => client.frame(opcodes.text, "{}", { rsv: 4 })],
    ["an unknown opcode", (client) => client.frame(3, "x")],
    ["a continuation of nothing", (client) => client.frame(opcodes.continuation, "x")],
    ["a ping of 126 bytes", (client) => client.frame(opcodes.ping, "x".repeat(126))],
    ["a ping in fragments", (client) => client.frame(opcodes.ping, "x", { fin: false })],
    ["a close with one byte", (client) => client.frame(opcodes.close, Buffer.from([0x03]))],
    ["a close with the reserved code 1005", (client) => client.frame(opcodes.close, Buffer.from([0x03, 0xed]))],
  ])("%s closes with 1002", async (_, misdeed) => {
    const client = await upgrade();
    misdeed(client);
    expect((await client.waitClose()).code).toBe(1002);
    await client.waitEnd();
  });

  test("before `connected` 16 KiB are taken, and one byte more closes with 1009", async () => {
    const client = await upgrade();
    client.text(pad(16_384));
    expect(await client.waitMessages(1)).toEqual([error("Not authenticated")]);
    client.text(pad(16_385));
    expect((await client.waitClose()).code).toBe(1009);
  });

  test("after `connected` 128 KiB are taken, and one byte more closes with 1009", async () => {
    const client = await authenticated();
    client.text(pad(131_072));
    await client.waitMessages(2); // its pong, encrypted
    client.text(pad(131_073));
    expect((await client.waitClose()).code).toBe(1009);
  });

  test("fragments that are over the limit together close with 1009", async () => {
    const client = await authenticated();
    client.frame(opcodes.text, "a".repeat(100_000), { fin: false });
    client.frame(opcodes.continuation, "a".repeat(31_073));
    expect((await client.waitClose()).code).toBe(1009);
  });

  test("the third envelope in a row that does not open closes with 4004", async () => {
    const client = await connect();
    for (let n = 0; n < 3; ++n) client.send(sealedWrongly);
    expect(await client.waitClosed()).toEqual(failed);
  });

  test("an envelope that opens resets the count of those that do not", async () => {
    const client = await connect();
    const ping = async (id: string) => {
      await client.sendSealed({ event: "ping", id });
      await client.waitFrame((frame) => frame.data?.id === id);
    };
    client.send(sealedWrongly);
    client.send(sealedWrongly);
    await ping("1");
    client.send(sealedWrongly);
    client.send({ event: "encrypted", data: 5 });
    await ping("2");
    client.close();
  });

  test("the server's own envelopes, sent back, do not open", async () => {
    const client = await connect();
    client.send({ event: "ping", id: "x" });
    await client.waitFrame((frame) => frame.event === "pong");
    for (let i = 0; i < 3; ++i) client.send(client.wire[1]!);
    expect(await client.waitClosed()).toEqual(failed);
  });
});
