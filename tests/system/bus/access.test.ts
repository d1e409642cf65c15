// Redis as operators set it up: the ACL users of docs/security.md to the letter, rights that are taken away and given
// back, a wrong password.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { WebSocketEmitter } from "@venizia/ignis-helpers";
import { Redis } from "ioredis";
import { Instance } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { eventually } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { envelope, RedisPublisher } from "../harness/redis_publisher";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";
import { patience } from "../support/signal";

afterAll(() => Instance.endAll());

const secret = () => `redis-${randomBytes(12).toString("hex")}`;

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

const heardByAll = (tills: StreamClient[], title: string) =>
  eventually(() => tills.every((till) => till.heard(title)), 20_000, "a hint at both instances");

describe.each(["patterns", "exact"])("access with SIGNAL_BUS_SUBSCRIPTION=%s", (subscription) => {
  let redis: RedisServer;
  let users: Awaited<ReturnType<typeof withUsers>>;
  let scene: Scene;
  let tills: [StreamClient, StreamClient]; // of u1, one at each instance
  beforeAll(async () => {
    redis = await RedisServer.start();
    users = await withUsers(redis);
    const url = `redis://signal:${users.passwords.signal}@127.0.0.1:${redis.port}`;
    scene = await Scene.open({ redis: { url }, instances: 2, env: { SIGNAL_BUS_SUBSCRIPTION: subscription } });
    await scene.ready();
    const [a, b] = scene.instances as [Instance, Instance];
    tills = [await scene.watch("u1", a), await scene.watch("u1", b)];
  });
  afterAll(() => redis.end());

  test("hints and the emitter's pushes arrive at both instances, and Redis has refused nobody anything", async () => {
    const note = scene.note(0, ["u1"]);
    await scene.send([note]);
    await heardByAll(tills, note.title!);
    const { passwords, admin } = users;
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
    await emitter.toClient({ clientId: tills[1].id, event: "client", data: 3 });
    await emitter.broadcast({ event: "all", data: 4 });
    const events = () => tills.map((till) => till.other.map((frame) => frame.event));
    await eventually(() => events().every((list) => list.includes("all")), 10_000, "the emitter's pushes");
    expect(events()).toEqual([
      ["user", "room", "all"],
      ["user", "room", "client", "all"],
    ]);
    await emitter.shutdown();
    client.disconnect();
    expect(await admin("ACL", "LOG")).toBe("");
  });

  test("without the right to publish an instance says so and is not ready, until the right is given back", async () => {
    const [a] = scene.instances as [Instance];
    const since = performance.now();
    await users.admin("ACL", "SETUSER", "signal", "-publish"); // on open connections
    const refused = await eventually(
      () => a.find((line) => line.event === "bus publish refused", since),
      10_000,
      () => `the refusal to be said; ${a.tail()}`,
    );
    expect(refused).toMatchObject({ level: "error", reason: expect.stringMatching(/NOPERM.*\+publish/) });
    await eventually(
      async () => (await a.health()).ready === 503,
      10_000,
      () => `not ready without the right to publish; ${a.tail()}`,
    );
    expect(await a.health()).toEqual({ live: 200, accept: 200, ready: 503 });
    const local = scene.note(0, ["u1"]);
    await scene.send([local]);
    await eventually(() => tills.some((till) => till.heard(local.title!)), 20_000, "a hint beside its consumer");

    await users.admin("ACL", "SETUSER", "signal", "+publish");
    const back = performance.now();
    await scene.ready();
    const ready = (performance.now() - back) / 1000;
    expect({ inTime: ready <= 6 * patience, ready }).toMatchObject({ inTime: true });
    const after = scene.note(1, ["u1"]);
    await scene.send([after]);
    await heardByAll(tills, after.title!);
    console.log(`bus: ${subscription}: ready ${ready.toFixed(2)} s after +publish was given back`);
  });

  test("at the end every row is there once, and no password is in what was written", async () => {
    console.log(`bus: the ACL users of docs/security.md, ${subscription}: ${await scene.close()}`);
    checkNoLeaks(scene.instances, Object.values(users.passwords));
  });
});

test("a wrong password is named at level error and tried again, and pushes arrive once Redis takes it", async () => {
  const redis = await RedisServer.start();
  const { passwords, admin } = await withUsers(redis);
  const wrong = secret();
  const scene = await Scene.open({ redis: { url: `redis://signal:${wrong}@127.0.0.1:${redis.port}` }, watch: ["u1"] });
  const said = await eventually(
    () => scene.first.find((line) => /WRONGPASS/.test(JSON.stringify(line))),
    10_000,
    () => `the refusal to be said; ${scene.first.tail()}`,
  );
  expect(said).toMatchObject({ level: "error", reason: expect.stringContaining("SIGNAL_REDIS_URL") });
  expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 503 });
  await scene.pulse();
  await Bun.sleep(3_000);
  const lines = scene.first.lines.filter((line) => line.event === "bus connection lost");
  const during = (lines.at(-1)!.at - lines[0]!.at) / 1000;
  expect(lines.length).toBeLessThanOrEqual(2 * (2 + during)); // once a second of publishing, and of subscribing

  await admin("ACL", "SETUSER", "signal", `>${wrong}`);
  const fixed = performance.now();
  await scene.ready();
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
      `${during.toFixed(1)} s; a push ${again.toFixed(2)} s after it was right; ` +
      `${closing}`,
  );
});
