// Which tokens and keys /stream refuses at `authenticate`, and how (docs/protocol.md#error-messages,
// docs/protocol.md#close-codes), over TCP and over TLS.
import { beforeAll, describe, expect, test } from "bun:test";
import { IgnisClient } from "./support/ignis_client";
import { Issuer } from "./support/issuer";
import { Signal, until } from "./support/signal";
import { clientPublicKey, error, streamScene } from "./support/stream_scene";

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const point = Buffer.from(clientPublicKey, "base64");
const offCurve = Buffer.from(point);
offCurve[64]! ^= 1;
const compressed = Buffer.concat([Buffer.from([2 + (point[64]! & 1)]), point.subarray(1, 33)]);

describe.each(["ws", "wss"])("stream tokens over %s", (scheme) => {
  const { scene, token, authenticate, refused, refusedToken } = streamScene(scheme);
  /** Whether a token is taken. */
  const taken = (value: string, more: Record<string, unknown> = {}) =>
    IgnisClient.connect(scene.signal.ws, value, more).then(
      (client) => {
        client.close();
        return true;
      },
      () => false,
    );

  test.each([undefined, "", null, 5, "garbage", "a.b.c"])("the token %p is refused with 4003", async (value) => {
    await refusedToken(value);
  });

  test("a token that expired 6 s ago, one more than the leeway, is refused with 4003", async () => {
    await refusedToken(await token({}, { exp: inSeconds(-6) }));
  });
  test("a token that is valid in a minute is refused with 4003", async () => {
    await refusedToken(await token({ nbf: inSeconds(60) }));
  });
  test("a token over 8 KiB is refused with 4003", async () => {
    await refusedToken(await token({ filler: "x".repeat(9000) }));
  });
  test("a token of another issuer is refused with 4003", async () => {
    await refusedToken(await token({ iss: "someone.else" }));
  });
  test("a token for another audience is refused with 4003", async () => {
    await refusedToken(await token({ aud: "other" }));
  });

  test("a token whose claims were changed is refused with 4003", async () => {
    const [head, payload, signature] = (await token()).split(".") as [string, string, string];
    const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), userId: "u2" };
    await refusedToken(`${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`);
  });
  test("a token without a signature is refused with 4003", async () => {
    const [head, payload] = (await token()).split(".");
    await refusedToken(`${head}.${payload}.`);
  });
  test("a token with the algorithm none is refused with 4003", async () => {
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    await refusedToken(`${none}.${(await token()).split(".")[1]}.`);
  });
  test("a token that a stranger signed under a known key's name is refused with 4003", async () => {
    const stranger = await Issuer.start();
    await refusedToken(await stranger.token({ userId: "u1", iss: "issuer.test", aud: "signal" }));
    stranger.stop();
  });

  test("a token without `userId` is refused with 4003", async () => {
    await refusedToken(await token({ userId: undefined }));
  });
  test("a token without `exp` is refused with 4003", async () => {
    await refusedToken(await token({}, { exp: null }));
  });
  test.each([
    ["empty", ""],
    ["of 129 bytes", "x".repeat(129)],
    ["of 65 letters of two bytes", "é".repeat(65)],
    ["0", 0],
    ["a fraction", 1.5],
    ["a boolean", true],
    ["null", null],
    ["an array", []],
    ["an object", {}],
    ["of the shape of an organisation's room", "org:1"],
    ["of the shape of a merchant's room", "merchant:m1"],
    ["ws-default", "ws-default"],
    ["ws-notification", "ws-notification"],
    ["of the shape of a channel", "ws:user:1"],
  ])("a token whose `userId` is %s is refused with 4003", async (_, userId) => {
    await refusedToken(await token({ userId }));
  });

  test("a `type` that is not Bearer is refused with 4003", async () => {
    await refusedToken(await token(), { type: "Basic" });
  });
  test.each([undefined, "bearer", "BEARER"])("the `type` %p is taken", async (type) => {
    expect(await taken(await token(), { type })).toBe(true);
  });

  describe("stream tokens: keys", () => {
    const algorithms = ["ES384", "ES512", "RS256", "PS256", "EdDSA"];
    beforeAll(async () => {
      for (const alg of [...algorithms, "old"]) await scene.issuer.addKey(alg, alg === "old" ? "ES256" : alg);
    });
    /** A key that came after the first fetch is known once the cool-down has passed. */
    const known = async (kid: string) => {
      const value = await token({}, { kid });
      await until(() => taken(value), 10_000, `a token of the key ${kid} to be taken`);
    };

    test.each(algorithms)("a token of a key for %s is taken", known);

    test("a token whose key a later fetch of the key set lacks is refused with 4003", async () => {
      await known("old");
      scene.issuer.withdraw("old");
      await scene.issuer.addKey("next", "ES256");
      await known("next");
      await refusedToken(await token({}, { kid: "old" }));
    });

    test("while the key set cannot be fetched a token of an unknown key is refused with 4003", async () => {
      const away = await Issuer.start();
      const value = await away.token({ userId: "u1" });
      const { url } = away;
      away.stop();
      const alone = await Signal.start({ tls: scene.tls, flags: ["--jwks-url", url] });
      const client = await authenticate({ type: "Bearer", token: value, clientPublicKey }, alone);
      expect(await client.waitClose()).toEqual({ code: 4003, reason: "Authentication failed" });
      expect(client.messages()).toEqual([error("Authentication failed")]);
      await alone.stop();
    });
  });

  test.each([undefined, "", null])("the `clientPublicKey` %p is refused with 4004", async (key) => {
    const data = { type: "Bearer", token: await token(), clientPublicKey: key };
    await refused(data, "Encryption handshake failed", 4004, "Encryption required");
  });
  test("a bad token without a `clientPublicKey` is refused with 4003: the token is judged first", async () => {
    await refused({ type: "Bearer", token: "x" }, "Authentication failed", 4003, "Authentication failed");
  });
  test.each([
    ["not base64", "!!!!"],
    ["without its padding", clientPublicKey.slice(0, -1)],
    ["base64url", clientPublicKey.replaceAll("+", "-").replaceAll("/", "_")],
    ["three bytes", "AAAA"],
    ["not on the curve", offCurve.toString("base64")],
    ["compressed", compressed.toString("base64")],
    ["65 zeros", Buffer.alloc(65).toString("base64")],
  ])("a `clientPublicKey` that is %s is refused with 4003", async (_, key) => {
    const data = { type: "Bearer", token: await token(), clientPublicKey: key };
    await refused(data, "Authentication error", 4003, "Authentication failed");
  });
});
