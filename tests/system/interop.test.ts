// The ECDH class of npm @venizia/ignis-helpers 0.0.7 against the built binary.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { ECDH } from "@venizia/ignis-helpers";
import { IgnisClient } from "./support/ignis_client";
import { Signal, until } from "./support/signal";

test("the npm ECDH class opens 10,000 frames in order", async () => {
  const signal = await Signal.start();
  const client = await IgnisClient.connect(signal.ws, await signal.token("u-ecdh"));
  client.keepWire = false;
  const total = 10_000;
  for (let n = 0; n < total; n += 50) {
    for (let k = 0; k < 50; ++k) {
      // One after another: order is promised per publisher.
      await signal.publish("ws:user:u-ecdh", {
        serverId: "emitter",
        type: "user",
        target: "u-ecdh",
        event: "n",
        data: { n: n + k, text: "Zażółć 😀 " + "x".repeat((n + k) % 300) },
      });
    }
  }
  await until(() => client.frames.length === total, 60_000, `${total} frames, got ${client.frames.length}`);
  client.frames.forEach((frame, n) => {
    if (frame.data.n !== n) throw new Error(`frame ${n} carries ${frame.data.n}`);
  });
  console.log(`opened ${client.frames.length} frames in order`);
  expect(client.frames[299]!.data.text).toBe("Zażółć 😀 " + "x".repeat(299));
  client.close();
  await signal.stop();
});

test("the vectors of the C++ tests open under the npm ECDH class", async () => {
  const { vectors } = JSON.parse(readFileSync(new URL("../vectors/ecdh.json", import.meta.url), "utf8"));
  expect(vectors.length).toBeGreaterThanOrEqual(3);
  for (const vector of vectors) {
    const ecdh = ECDH.withAlgorithm({ hkdfInfo: vector.hkdfInfo });
    const privateKey = await crypto.subtle.importKey(
      "jwk",
      vector.clientPrivateJwk,
      { name: "ECDH", namedCurve: "P-256" },
      false,
      ["deriveBits"],
    );
    const peerPublicKey = await ecdh.importPublicKey({ rawKeyB64: vector.serverPublicKeyB64 });
    const { key } = await ecdh.deriveAESKey({ privateKey, peerPublicKey, salt: vector.saltB64 });
    const plaintext = await ecdh.decrypt({
      message: { iv: vector.iv, ct: vector.ct },
      secret: key,
      opts: vector.additionalData ? { additionalData: vector.additionalData } : undefined,
    });
    expect(plaintext).toBe(vector.plaintext);
  }
});
