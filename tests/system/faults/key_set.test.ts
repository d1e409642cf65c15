// The identity service's key set behind a private CA, with keys that not every library writes alike, one of which can
// not be used; and what an operator sees of it and of the tokens that are refused.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { makeCertificate } from "../support/certificate";
import { opcodes, RawClient } from "../support/raw_client";
import { Instance, run } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";
import { rmSync } from "node:fs";

const { cert, key, folder } = makeCertificate();

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

let scene: Scene;
let server: ReturnType<typeof Bun.serve>;
let token: (seconds: number) => Promise<string>; // of the stripped key, good for so long
let trusting: Record<string, string>;
beforeAll(async () => {
  const { pair, jwk } = await stripped();
  const keys = [jwk, { kty: "EC", crv: "P-256", kid: "flat", alg: "ES256", use: "sig", x: "AQ", y: "AQ" }];
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: Bun.file(cert), key: Bun.file(key) },
    fetch: () => Response.json({ keys }),
  });
  token = (seconds) =>
    new SignJWT({ userId: "u1" })
      .setProtectedHeader({ alg: "ES256", kid: "stripped" })
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(pair.privateKey);
  trusting = { SIGNAL_JWKS_URL: `https://127.0.0.1:${server.port}/jw-certs`, SIGNAL_JWKS_TLS_CA: cert };
  scene = await Scene.open({ env: trusting });
});
afterAll(async () => {
  await Instance.endAll();
  server.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

test("check with SIGNAL_JWKS_TLS_CA counts the usable keys, and names the one that is not", async () => {
  const { out } = await run(["check"], { ...scene.env, ...trusting });
  expect(out).toMatch(/ok +identity .*, 1 key\n/);
  expect(out).toMatch(/warn +identity .*key flat cannot be used: x and y are not a point of P-256/);
});

test("check without SIGNAL_JWKS_TLS_CA does not trust a private CA, and names the setting", async () => {
  const { out } = await run(["check"], { ...scene.env, SIGNAL_JWKS_URL: trusting.SIGNAL_JWKS_URL! });
  expect(out).toMatch(/FAIL +identity .*SIGNAL_JWKS_TLS_CA/);
});

test("a token of a key whose coordinates were stripped of zeros is taken", async () => {
  const client = new StreamClient("u1", await token(3600));
  await client.connect(scene.first.ws);
  expect(client.connected).toBe(true);
  client.close();
});

test("a key that cannot be used is named in the log and counted", async () => {
  const names = (line: { event: string }) => line.event.startsWith("a key of the key set cannot be used");
  const unusable = await eventually(() => scene.first.find(names), 5_000, "the line of the unusable key");
  expect(unusable).toMatchObject({ level: "warn", kid: "flat" });
  expect((await scene.first.metrics()).sum("signal_key_set_unusable_keys")).toBe(1);
});

const rest = (authorization?: string) =>
  fetch(`${scene.first.http}/v1/notifications`, { headers: authorization ? { authorization } : {} });
const refusals = async (reason: string) => (await scene.first.metrics()).sum("signal_tokens_refused_total", { reason });
test.each([
  ["an expired token", "expired", async () => (await rest(`Bearer ${await token(-3600)}`)).status],
  ["a request without a token", "missing_token", async () => (await rest()).status],
  ["a text that is no token", "malformed_token", async () => (await rest("Bearer a.b.c")).status],
])("%s is refused and counted as %s", async (_, reason, ask) => {
  const before = await refusals(reason);
  for (let n = 0; n < 5; ++n) expect(await ask()).toBe(401);
  expect(await refusals(reason)).toBe(before + 5);
});

test("a client with a text that is no token is closed with 4003, and counted", async () => {
  const before = await refusals("malformed_token");
  await expect(new StreamClient("u2", "a.b.c").connect(scene.first.ws)).rejects.toThrow(/4003/);
  expect(await refusals("malformed_token")).toBe(before + 1);
});

test("a refused token is logged with its reason and the client's address, and without its signature", async () => {
  const late = await token(-7200);
  const began = performance.now();
  for (let n = 0; n < 50; ++n) expect((await rest(`Bearer ${late}`)).status).toBe(401);
  const lines = scene.first.lines.filter((line) => line.event === "token refused");
  expect(lines[0]).toMatchObject({ level: "warn", reason: "expired", peer: "127.0.0.1" });
  const during = lines.filter((line) => line.at >= began);
  expect(during.length).toBeLessThan(2 + (performance.now() - began) / 1000); // a line a second
  expect(JSON.stringify(scene.first.lines)).not.toContain(late.split(".")[2]!);
});

test("a close that a client sends with a code of ours is counted as the client's", async () => {
  const closes = async (by: string) => (await scene.first.metrics()).sum("signal_closes_total", { code: "4003", by });
  const [client, ours] = [await closes("client"), await closes("server")];
  const leaving = await RawClient.upgrade(scene.first.ws);
  leaving.frame(opcodes.close, Buffer.from([4003 >> 8, 4003 & 255]));
  await eventually(async () => (await closes("client")) === client + 1, 10_000, "the client's own close to be counted");
  expect(await closes("server")).toBe(ours);
});

test("at the end the instance stops in order", () => scene.first.stop());
