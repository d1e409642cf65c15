// Redis as operators set it up: the ACL users of docs/security.md to the letter, wrong passwords, rights taken away and
// given back, TLS.
import { afterEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { resolve } from "node:path";
import { WebSocketEmitter } from "@venizia/ignis-helpers";
import { Redis } from "ioredis";
import { Instance } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { eventually } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { envelope, RedisPublisher } from "../harness/redis_publisher";
import { Scene } from "../harness/scene";
import { makeCertificate } from "../support/certificate";
import { patience } from "../support/signal";

afterEach(() => Instance.endAll());

const secret = () => `redis-${randomBytes(12).toString("hex")}`;
const isReady = (instance: Instance) =>
  eventually(
    async () => (await instance.health()).ready === 200,
    20_000,
    () => `${instance.name} to be ready; ${instance.tail()}`,
  );

/** The users of docs/security.md, each with a password of its own; `admin` may do everything. */
async function withUsers(
  redis: RedisServer,
): Promise<{ passwords: Record<string, string>; admin: (...command: string[]) => Promise<string> }> {
  const lines = readFileSync(resolve(import.meta.dir, "../../../docs/security.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("ACL SETUSER "));
  expect(lines.map((line) => line.split(" ")[2])).toEqual(["signal", "emitter", "default"]);
  const passwords: Record<string, string> = { admin: secret(), signal: secret(), emitter: secret() };
  await redis.cli("ACL", "SETUSER", "admin", "on", `>${passwords.admin}`, "~*", "&*", "+@all");
  const admin = (...command: string[]) =>
    redis.cli("--user", "admin", "--pass", passwords.admin!, "--no-auth-warning", ...command);
  for (const line of lines) {
    const words = line.split(" ");
    expect(await admin(...words.map((word) => (word === ">SECRET" ? `>${passwords[words[2]!]}` : word)))).toBe("OK");
  }
  return { passwords, admin };
}

for (const subscription of ["patterns", "exact"]) {
  test(`the ACL users of docs/security.md are enough (${subscription})`, async () => {
    const redis = await RedisServer.start();
    const { passwords, admin } = await withUsers(redis);
    const scene = await Scene.open({
      redis: { url: `redis://signal:${passwords.signal}@127.0.0.1:${redis.port}` },
      instances: 2,
      env: { SIGNAL_BUS_SUBSCRIPTION: subscription },
    });
    const [a, b] = scene.instances as [Instance, Instance];
    for (const instance of scene.instances) await isReady(instance);
    const tills = [await scene.watch("u1", a), await scene.watch("u1", b)];
    const note = scene.note(0, ["u1"]);
    await scene.send([note]);
    await eventually(() => tills.every((till) => till.heard(note.title!)), 20_000, "a hint at both instances");

    const client = new Redis({
      port: redis.port,
      host: "127.0.0.1",
      username: "emitter",
      password: passwords.emitter,
      lazyConnect: true,
    });
    const emitter = new WebSocketEmitter({ redisConnection: { getClient: () => client } as never });
    await emitter.configure();
    await emitter.toUser({ userId: "u1", event: "user", data: 1 });
    await emitter.toRoom({ room: "ws-default", event: "room", data: 2 });
    await emitter.toClient({ clientId: tills[1]!.id, event: "client", data: 3 });
    await emitter.broadcast({ event: "all", data: 4 });
    await eventually(
      () => tills.every((till) => till.other.some((frame) => frame.event === "all")),
      10_000,
      "the emitter's pushes",
    );
    expect(tills.map((till) => till.other.map((frame) => frame.event))).toEqual([
      ["user", "room", "all"],
      ["user", "room", "client", "all"],
    ]);
    await emitter.shutdown();
    client.disconnect();
    // Nothing that anybody wanted was refused.
    expect(await admin("ACL", "LOG")).toBe("");

    // The right to publish is taken away and given back, on open connections.
    const since = performance.now();
    await admin("ACL", "SETUSER", "signal", "-publish");
    const refused = await eventually(
      () => a.find((line) => line.event === "bus publish refused", since),
      10_000,
      () => `the refusal to be said; ${a.tail()}`,
    );
    expect({ level: refused.level, says: /NOPERM.*\+publish/.test(String(refused.reason)) }).toEqual({
      level: "error",
      says: true,
    });
    await eventually(
      async () => (await a.health()).ready === 503,
      10_000,
      () => `not ready without the right to publish; ${a.tail()}`,
    );
    expect(await a.health()).toEqual({ live: 200, accept: 200, ready: 503 });
    const local = scene.note(0, ["u1"]);
    await scene.send([local]);
    await eventually(() => tills.some((till) => till.heard(local.title!)), 20_000, "a hint beside its consumer");
    await admin("ACL", "SETUSER", "signal", "+publish");
    const back = performance.now();
    for (const instance of scene.instances) await isReady(instance);
    const ready = (performance.now() - back) / 1000;
    expect({ inTime: ready <= 6 * patience, ready }).toMatchObject({ inTime: true });
    const after = scene.note(1, ["u1"]);
    await scene.send([after]);
    await eventually(() => tills.every((till) => till.heard(after.title!)), 20_000, "a hint at both instances again");
    const closing = await scene.close();
    checkNoLeaks(scene.instances, Object.values(passwords));
    await redis.end();
    console.log(
      `bus: the ACL users of docs/security.md, ${subscription}: nothing refused to Signal or the emitter; ` +
        `without +publish not ready, ready ${ready.toFixed(2)} s after it was given back; ${closing}`,
    );
  });
}

test("a wrong password is said and waited out", async () => {
  const redis = await RedisServer.start();
  const { passwords, admin } = await withUsers(redis);
  const wrong = secret();
  const scene = await Scene.open({ redis: { url: `redis://signal:${wrong}@127.0.0.1:${redis.port}` }, watch: ["u1"] });
  const said = await eventually(
    () => scene.first.find((line) => /WRONGPASS/.test(JSON.stringify(line))),
    10_000,
    () => `the refusal to be said; ${scene.first.tail()}`,
  );
  expect({ level: said.level, setting: /SIGNAL_REDIS_URL/.test(String(said.reason)) }).toEqual({
    level: "error",
    setting: true,
  });
  expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 503 });
  await scene.pulse();
  await Bun.sleep(3_000);
  const lines = scene.first.lines.filter((line) => line.event === "bus connection lost");
  // Tried again all the time; said once a second of publishing, and of subscribing.
  expect(lines.length).toBeLessThanOrEqual(2 * (2 + (lines.at(-1)!.at - lines[0]!.at) / 1000));

  await admin("ACL", "SETUSER", "signal", `>${wrong}`);
  const fixed = performance.now();
  await isReady(scene.first);
  const publisher = new RedisPublisher(redis.port);
  await admin("ACL", "SETUSER", "default", "on", "nopass", "allchannels", "+publish");
  await publisher.connect();
  await publisher.publish("ws:user:u1", envelope("user", "u1", "after", 1));
  await eventually(() => scene.clients[0]!.other.some((frame) => frame.event === "after"), 10_000, "a push");
  const again = (performance.now() - fixed) / 1000;
  publisher.close();
  expect({ inTime: again <= 6 * patience, again }).toMatchObject({ inTime: true });
  const closing = await scene.close();
  checkNoLeaks([scene.first], [wrong, ...Object.values(passwords)]);
  await redis.end();
  console.log(
    `bus: a wrong password: "${said.event}" at error with SIGNAL_REDIS_URL, ${lines.length} such lines in ` +
      `${((lines.at(-1)!.at - lines[0]!.at) / 1000).toFixed(1)} s; a push ${again.toFixed(2)} s after it was right; ` +
      `${closing}`,
  );
});

test("over TLS, and with a certificate of nobody it trusts", async () => {
  const { cert, key, folder } = makeCertificate();
  const port = await new Promise<number>((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const taken = (server.address() as AddressInfo).port;
      server.close(() => done(taken));
    });
  });
  const password = secret();
  const redis = await RedisServer.start([
    "--tls-port",
    String(port),
    "--tls-cert-file",
    cert,
    "--tls-key-file",
    key,
    "--tls-auth-clients",
    "no",
    "--requirepass",
    password,
  ]);
  const scene = await Scene.open({
    redis: { url: `rediss://:${password}@127.0.0.1:${port}` },
    env: { SIGNAL_REDIS_TLS_CA: cert },
  });
  const distrustful = await scene.add(); // the system's CAs know nothing of this one
  await isReady(scene.first);
  const till = await scene.watch("u1");
  const push = async (event: string) => {
    await redis.cli("-a", password, "--no-auth-warning", "publish", "ws:user:u1", envelope("user", "u1", event, 1));
    return till.other.some((frame) => frame.event === event);
  };
  await eventually(() => push("over TLS"), 10_000, "a push over TLS");
  const said = await eventually(
    () => distrustful.find((line) => /SIGNAL_REDIS_TLS_CA/.test(JSON.stringify(line))),
    10_000,
    () => `the distrust to be said; ${distrustful.tail()}`,
  );
  expect({ warns: /^(warn|error)$/.test(said.level), health: await distrustful.health() }).toEqual({
    warns: true,
    health: { live: 200, accept: 200, ready: 503 },
  });

  await redis.stop();
  await redis.launch();
  const up = performance.now();
  await eventually(() => push("after a restart"), 15_000, "a push after a restart");
  const again = (performance.now() - up) / 1000;
  expect({ inTime: again <= 6 * patience, again }).toMatchObject({ inTime: true });
  const closing = await scene.close();
  checkNoLeaks(scene.instances, [password]);
  await redis.end();
  rmSync(folder, { recursive: true });
  console.log(
    `bus: over TLS, pushes again ${again.toFixed(2)} s after a restart; without the CA: ` +
      `"${said.event}" (${String(said.reason).slice(0, 140)}); ${closing}`,
  );
});
