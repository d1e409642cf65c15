// The identity service's key set behind a private CA, with keys that not every library writes alike, one of which can
// not be used; and what an operator sees of it and of the tokens that are refused.
import { afterAll, afterEach, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { makeCertificate } from "../support/certificate";
import { opcodes, RawClient } from "../support/raw_client";
import { Instance, run } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";
import { rmSync } from "node:fs";

const { cert, key, folder } = makeCertificate();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => Instance.endAll());

/** A key of P-256 whose x begins with a zero, and its JWK as an issuer writes it that strips zeros. */
async function stripped() {
  for (;;) {
    const pair = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    const x = Buffer.from(jwk.x!, "base64url");
    if (x[0] === 0)
      return {
        pair,
        jwk: { ...jwk, x: x.subarray(1).toString("base64url"), kid: "stripped", alg: "ES256", use: "sig" },
      };
  }
}

test("SIGNAL_JWKS_TLS_CA; stripped coordinates verify; an unusable key and every refusal are named", async () => {
  const { pair, jwk } = await stripped();
  const keys = [jwk, { kty: "EC", crv: "P-256", kid: "flat", alg: "ES256", use: "sig", x: "AQ", y: "AQ" }];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: Bun.file(cert), key: Bun.file(key) },
    fetch: () => Response.json({ keys }),
  });
  const url = `https://127.0.0.1:${server.port}/jw-certs`;
  const scene = await Scene.open({ watch: [], env: { SIGNAL_JWKS_URL: url, SIGNAL_JWKS_TLS_CA: cert } });

  const trusting = await run(["check"], { ...scene.env, SIGNAL_JWKS_URL: url, SIGNAL_JWKS_TLS_CA: cert });
  expect(trusting.out).toMatch(/ok +identity .*, 1 key\n/);
  expect(trusting.out).toMatch(/warn +identity .*key flat can not be used: x and y are not a point of P-256/);
  const distrusting = await run(["check"], { ...scene.env, SIGNAL_JWKS_URL: url });
  expect(distrusting.out).toMatch(/FAIL +identity .*SIGNAL_JWKS_TLS_CA/);

  const now = Math.floor(Date.now() / 1000);
  const token = (exp: number) =>
    new SignJWT({ userId: "u1" })
      .setProtectedHeader({ alg: "ES256", kid: "stripped" })
      .setExpirationTime(exp)
      .sign(pair.privateKey);
  const client = new StreamClient("u1", await token(now + 3600));
  await client.connect(scene.first.ws);
  const unusable = await eventually(
    () => scene.first.find((line) => line.event.startsWith("a key of the key set can not be used")),
    5_000,
    "the line of the unusable key",
  );
  expect(unusable).toMatchObject({ level: "warn", kid: "flat" });

  const late = await token(now - 3600);
  for (let i = 0; i < 5; ++i)
    expect(
      (await fetch(`${scene.first.http}/v1/notifications`, { headers: { authorization: `Bearer ${late}` } })).status,
    ).toBe(401);
  expect((await fetch(`${scene.first.http}/v1/notifications`)).status).toBe(401);
  const stranger = new StreamClient("u2", "a.b.c");
  await expect(stranger.connect(scene.first.ws)).rejects.toThrow(/4003/);
  const refused = await scene.first.metrics();
  expect(refused.sum("signal_tokens_refused_total", { reason: "expired" })).toBe(5);
  expect(refused.sum("signal_tokens_refused_total", { reason: "missing_token" })).toBe(1);
  expect(refused.sum("signal_tokens_refused_total", { reason: "malformed_token" })).toBe(1);
  expect(refused.sum("signal_key_set_unusable_keys")).toBe(1);
  const lines = scene.first.lines.filter((line) => line.event === "token refused");
  expect(lines[0]).toMatchObject({ level: "warn", reason: "expired", peer: "127.0.0.1" });
  expect(lines.length).toBeLessThan(7);
  expect(JSON.stringify(scene.first.lines)).not.toContain(late.split(".")[2]!);

  // A client may close with any code, ours included: that is not one of our closes.
  const leaving = await RawClient.upgrade(scene.first.ws);
  leaving.frame(opcodes.close, Buffer.from([4003 >> 8, 4003 & 255]));
  await eventually(
    async () => (await scene.first.metrics()).sum("signal_closes_total", { code: "4003", by: "client" }) === 1,
    10_000,
    "the client's own close to be counted",
  );
  expect((await scene.first.metrics()).sum("signal_closes_total", { code: "4003", by: "server" })).toBe(1);
  client.close();
  stranger.close();
  await scene.first.stop();
  server.stop(true);
}, 120_000);
