// Which tokens and keys /stream refuses at `authenticate`, and how (docs/protocol.md#error-messages,
// docs/protocol.md#close-codes), over TCP and over TLS.
import { describe, expect, test } from "bun:test";
import { IgnisClient } from "./support/ignis_client";
import { Issuer } from "./support/issuer";
import { Signal, until } from "./support/signal";
import { clientPublicKey, error, streamScene } from "./support/stream_scene";

describe.each(["ws", "wss"])("/stream over %s", (scheme) => {
  const { scene, token, authenticate, refused, refusedToken } = streamScene(scheme);

  test("token missing", async () => {
    for (const value of [undefined, "", null, 5, "garbage", "a.b.c"]) await refusedToken(value);
  });
  test("token expired", async () => {
    await refusedToken(await token({}, { exp: Math.floor(Date.now() / 1000) - 6 }));
  });
  test("token not yet valid", async () => {
    await refusedToken(await token({ nbf: Math.floor(Date.now() / 1000) + 60 }));
  });
  test("token forged", async () => {
    const good = await token();
    const [head, payload, signature] = good.split(".") as [string, string, string];
    const other = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(payload, "base64url").toString()), userId: "u2" }),
    ).toString("base64url");
    await refusedToken(`${head}.${other}.${signature}`);
    await refusedToken(`${head}.${payload}.`);
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    await refusedToken(`${none}.${payload}.`);
    const stranger = await Issuer.start();
    await refusedToken(await stranger.token({ userId: "u1", iss: "issuer.test", aud: "signal" }));
    stranger.stop();
  });
  test("token over 8 KiB", async () => {
    await refusedToken(await token({ filler: "x".repeat(9000) }));
  });
  test("token without `userId` or `exp`", async () => {
    await refusedToken(await token({ userId: undefined }));
    await refusedToken(await token({}, { exp: null }));
  });
  test("`userId` neither a non-empty string ≤ 128 bytes nor an integer other than 0", async () => {
    for (const userId of ["", "x".repeat(129), "é".repeat(65), 0, 1.5, true, null, [], {}])
      await refusedToken(await token({ userId }));
  });
  test("`userId` of a room's shape", async () => {
    for (const userId of ["org:1", "merchant:m1", "ws-default", "ws-notification", "ws:user:1"])
      await refusedToken(await token({ userId }));
  });
  test("a `type` that is not Bearer; none, and any letter case of it, are taken", async () => {
    await refusedToken(await token(), { type: "Basic" });
    for (const type of [undefined, "bearer", "BEARER"]) {
      const client = await IgnisClient.connect(scene.signal.ws, await token(), { type });
      client.close();
    }
  });
  test("wrong issuer or audience", async () => {
    await refusedToken(await token({ iss: "someone.else" }));
    await refusedToken(await token({ aud: "other" }));
  });
  test("a key withdrawn by a later successful fetch", async () => {
    await scene.issuer.addKey("old", "ES256");
    const old = await token({}, { kid: "old" });
    // The key came after the first fetch: an unknown kid refetches once the cool-down has passed.
    await until(
      async () =>
        IgnisClient.connect(scene.signal.ws, old).then(
          (client) => {
            client.close();
            return true;
          },
          () => false,
        ),
      10_000,
      "the new key",
    );
    scene.issuer.withdraw("old");
    await scene.issuer.addKey("next", "ES256");
    await until(
      async () =>
        IgnisClient.connect(scene.signal.ws, await token({}, { kid: "next" })).then(
          (client) => {
            client.close();
            return true;
          },
          () => false,
        ),
      10_000,
      "the next key",
    );
    await refusedToken(old);
  });
  test("JWKS not reachable and the key not cached", async () => {
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
  test("tokens of every algorithm family are taken", async () => {
    for (const alg of ["ES384", "ES512", "RS256", "PS256", "EdDSA"]) await scene.issuer.addKey(alg, alg);
    for (const alg of ["ES384", "ES512", "RS256", "PS256", "EdDSA"]) {
      await until(
        async () =>
          IgnisClient.connect(scene.signal.ws, await token({}, { kid: alg })).then(
            (client) => {
              client.close();
              return true;
            },
            () => false,
          ),
        10_000,
        alg,
      );
    }
  });

  test("token good, `clientPublicKey` missing or empty: close 4004", async () => {
    for (const key of [undefined, "", null]) {
      await refused(
        { type: "Bearer", token: await token(), clientPublicKey: key },
        "Encryption handshake failed",
        4004,
        "Encryption required",
      );
    }
  });
  test("token bad, `clientPublicKey` missing: the token is judged first", async () => {
    await refused({ type: "Bearer", token: "x" }, "Authentication failed", 4003, "Authentication failed");
  });
  test("token good, `clientPublicKey` not base64 of the 65-byte form, or not on the curve: close 4003", async () => {
    const point = Buffer.from(clientPublicKey, "base64");
    const offCurve = Buffer.from(point);
    offCurve[64]! ^= 1;
    const compressed = Buffer.concat([Buffer.from([2 + (point[64]! & 1)]), point.subarray(1, 33)]);
    for (const key of [
      "!!!!",
      clientPublicKey.slice(0, -1),
      clientPublicKey.replaceAll("+", "-").replaceAll("/", "_"),
      "AAAA",
      offCurve.toString("base64"),
      compressed.toString("base64"),
      Buffer.alloc(65).toString("base64"),
    ]) {
      await refused(
        { type: "Bearer", token: await token(), clientPublicKey: key },
        "Authentication error",
        4003,
        "Authentication failed",
      );
    }
  });
});
