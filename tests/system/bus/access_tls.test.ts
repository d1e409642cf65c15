// A Redis that speaks TLS alone and wants a password: an instance that trusts its certificate, and one that does not.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { freePort } from "../harness/free_ports";
import { Instance } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { eventually } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { envelope } from "../harness/redis_publisher";
import { Scene } from "../harness/scene";
import { makeCertificate } from "../support/certificate";
import { patience } from "../support/signal";

const { cert, key, folder } = makeCertificate();
const password = `redis-${randomBytes(12).toString("hex")}`;
let redis: RedisServer;
let scene: Scene;

beforeAll(async () => {
  const port = await freePort();
  const flags = `--tls-port ${port} --tls-cert-file ${cert} --tls-key-file ${key} --tls-auth-clients no`;
  redis = await RedisServer.start([...flags.split(" "), "--requirepass", password]);
  const url = `rediss://:${password}@127.0.0.1:${port}`;
  scene = await Scene.open({ redis: { url }, env: { SIGNAL_REDIS_TLS_CA: cert } });
  await scene.ready();
  await scene.watch("u1");
});
afterAll(async () => {
  await Instance.endAll();
  await redis.end();
  rmSync(folder, { recursive: true });
});

/** Whether u1 has heard it, after it was published once more. */
async function push(event: string): Promise<boolean> {
  const words = ["publish", "ws:user:u1", envelope("user", "u1", event, 1)];
  await redis.cli("-a", password, "--no-auth-warning", ...words);
  return scene.clients[0]!.other.some((frame) => frame.event === event);
}

test("pushes arrive over TLS", async () => {
  await eventually(() => push("over TLS"), 10_000, "a push over TLS");
});

test("pushes arrive again after a restart of Redis", async () => {
  await redis.stop();
  await redis.launch();
  const up = performance.now();
  await eventually(() => push("after a restart"), 15_000, "a push after a restart");
  const again = (performance.now() - up) / 1000;
  expect({ inTime: again <= 6 * patience, again }).toMatchObject({ inTime: true });
  console.log(`bus: over TLS, pushes again ${again.toFixed(2)} s after a restart`);
});

test("an instance that does not trust the certificate names SIGNAL_REDIS_TLS_CA, and is not ready", async () => {
  const distrustful = await Instance.start(scene.place, { name: "the distrustful instance" });
  const said = await eventually(
    () => distrustful.find((line) => /SIGNAL_REDIS_TLS_CA/.test(JSON.stringify(line))),
    10_000,
    () => `the distrust to be said; ${distrustful.tail()}`,
  );
  expect(said.level).toMatch(/^(warn|error)$/);
  expect(await distrustful.health()).toEqual({ live: 200, accept: 200, ready: 503 });
  await distrustful.stop();
  checkNoLeaks([distrustful], [password]);
});

test("at the end every row is there once, and the password is in nothing that was written", async () => {
  console.log(`bus: over TLS: ${await scene.close()}`);
  checkNoLeaks(scene.instances, [password]);
});
