import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { deriveKeys, fromBase64, makeKeys, open, seal, toBase64 } from "../../packages/client/src/crypto";

const text = readFileSync(resolve(import.meta.dir, "../../../../tests/vectors/ecdh.json"), "utf8");
const vector = JSON.parse(text).vectors.find(
  (one: any) => one.hkdfInfo === "ignis-ecdh-p256-aes-256-gcm-v1" && !one.additionalData,
);

const clientKey = () =>
  crypto.subtle.importKey("jwk", vector.clientPrivateJwk, { name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);

test("the vector of the reference opens", async () => {
  const keys = await deriveKeys(await clientKey(), {
    serverPublicKey: vector.serverPublicKeyB64,
    salt: vector.saltB64,
  });
  expect(await open(keys.open, { iv: vector.iv, ct: vector.ct })).toBe(vector.plaintext);
});

test("a changed byte, another IV and the key of the other direction do not open", async () => {
  const keys = await deriveKeys(await clientKey(), {
    serverPublicKey: vector.serverPublicKeyB64,
    salt: vector.saltB64,
  });
  const bytes = fromBase64(vector.ct);
  bytes[0]! ^= 1;
  const iv = fromBase64(vector.iv);
  iv[11]! ^= 1;
  for (const sealed of [
    { iv: vector.iv, ct: toBase64(bytes) },
    { iv: toBase64(iv), ct: vector.ct },
    await seal(keys.seal, "to the server"),
  ]) {
    expect(await open(keys.open, sealed).catch((error) => error.name)).toBe("OperationError");
  }
});

test("each pair is new, and its public half is the 65 bytes that the server wants", async () => {
  const [a, b] = [await makeKeys(), await makeKeys()];
  expect(a.clientPublicKey).not.toBe(b.clientPublicKey);
  expect([fromBase64(a.clientPublicKey).length, fromBase64(a.clientPublicKey)[0]]).toEqual([65, 4]);
});

test("base64 keeps every byte, also of a long frame", () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, n) => (n * 7) & 255);
  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
});
