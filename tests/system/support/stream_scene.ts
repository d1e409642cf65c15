// Two instances for the tests of /stream, over TCP or over TLS, and clients of them.
import { afterAll, beforeAll, expect } from "bun:test";
import { rmSync } from "node:fs";
import { makeCertificate } from "./certificate";
import { IgnisClient } from "./ignis_client";
import { Issuer } from "./issuer";
import { RawClient } from "./raw_client";
import { Signal, slowness } from "./signal";

export const error = (message: string) => ({ event: "error", data: { message } });
// A valid point: the test vector's client key.
export const clientPublicKey =
  "BPkUXnV3pLaqJZNDzOCbC1hWaV3hm+TfG43KSznC9r3heYWMFvzcmqj9z7y9c2lTf7TFKAjz9+VIdMghTVP7fVo=";

interface Scene {
  tls: ReturnType<typeof makeCertificate> | undefined;
  issuer: Issuer;
  signal: Signal; // ordinary settings
  impatient: Signal; // short time-outs
}

const ordinary =
  "--jwt-issuer issuer.test --jwt-audience signal --jwks-cooldown-ms 300 --ws-messages-per-second 0".split(" ");
const impatient = (
  `--ws-auth-timeout-ms ${400 * slowness} --ws-heartbeat-interval-ms 200 ` +
  `--ws-heartbeat-timeout-ms ${2000 * slowness} --drain-ms 200 --shutdown-grace-ms 500 ` +
  "--ws-messages-per-second 0 --jwks-timeout-ms 30000 --jwks-cooldown-ms 0"
).split(" ");

/** Of a `describe`: the instances begin and end with its tests. */
export function streamScene(scheme: string) {
  const tls = scheme === "wss" ? makeCertificate() : undefined;
  const scene = { tls } as Scene;

  beforeAll(async () => {
    scene.issuer = await Issuer.start();
    const keys = ["--jwks-url", scene.issuer.url];
    scene.signal = await Signal.start({ tls, flags: [...keys, ...ordinary] });
    scene.impatient = await Signal.start({ tls, flags: [...keys, ...impatient] });
  });
  afterAll(async () => {
    await scene.signal.stop();
    await scene.impatient.stop();
    scene.issuer.stop();
    if (tls) rmSync(tls.folder, { recursive: true });
  });

  const token = (claims: Record<string, unknown> = {}, options: Parameters<Issuer["token"]>[1] = {}) =>
    scene.issuer.token({ userId: "u1", roles: [], iss: "issuer.test", aud: "signal", ...claims }, options);
  const connect = async (userId: unknown = "u1") => IgnisClient.connect(scene.signal.ws, await token({ userId }));
  const authenticate = async (data: Record<string, unknown>, at: Signal = scene.signal) => {
    const client = await RawClient.upgrade(at.ws);
    client.text({ event: "authenticate", data });
    return client;
  };
  /** Authenticated, without reading what is sealed. */
  const authenticated = async (at: Signal = scene.signal) => {
    const client = await authenticate({ type: "Bearer", token: await token(), clientPublicKey }, at);
    await client.waitMessages(1);
    return client;
  };
  const refused = async (data: Record<string, unknown>, message: string, code: number, reason: string) => {
    const client = await authenticate(data);
    expect(await client.waitClose()).toEqual({ code, reason });
    expect(client.messages()).toEqual([error(message)]);
    await client.waitEnd();
  };
  const refusedToken = (value: unknown, more: Record<string, unknown> = {}) =>
    refused(
      { type: "Bearer", token: value, clientPublicKey, ...more },
      "Authentication failed",
      4003,
      "Authentication failed",
    );

  return { scene, token, connect, authenticate, authenticated, refused, refusedToken };
}
