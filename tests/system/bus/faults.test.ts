// Every fault of Redis under load: Kafka, rows, local hints and REST go on, health says the truth, and pushes over the
// bus flow again by themselves.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { checkNoLeaks } from "../harness/leaks";
import { eventually, seconds } from "../harness/patience";
import { RedisProxy, type Mode } from "../harness/redis_proxy";
import { RedisServer } from "../harness/redis";
import { envelope, RedisPublisher } from "../harness/redis_publisher";
import { HealthWatch, Scene } from "../harness/scene";
import { patience } from "../support/signal";

afterEach(() => Instance.endAll());

type Fault = {
  name: string;
  begin: () => Promise<unknown> | void;
  seconds: number;
  end: () => Promise<unknown> | void;
  says: RegExp;
  staysConnected?: boolean;
};

/** One instance on `url`; direct pushes by a producer with a connection of its own. */
async function suffer(scene: Scene, redis: RedisServer, fault: Fault): Promise<string> {
  const till = scene.clients[0]!;
  await eventually(async () => (await scene.first.health()).ready === 200, 20_000, "ready before the fault");
  const watch = new HealthWatch(scene.first);
  const began = performance.now();
  await fault.begin();
  if (!fault.staysConnected)
    await eventually(
      () => scene.first.find((line) => line.event === "bus away", began),
      8_000,
      "the loss to be noticed",
    );
  const noticed = (performance.now() - began) / 1000;
  await scene.pulse(); // Kafka → rows → hints of this instance's own tills
  const listed = await fetch(`${scene.first.http}/v1/notifications`, {
    headers: { authorization: `Bearer ${till.token}` },
  });
  expect({ fault: fault.name, rest: listed.status }).toEqual({ fault: fault.name, rest: 200 });
  await Bun.sleep(Math.max(0, began + fault.seconds * 1000 - performance.now()));
  const before = watch.last();
  await fault.end();
  const ended = performance.now();
  if (!redis.running) throw new Error(`${fault.name}: Redis does not run again`);
  // Until a push of somebody else arrives again.
  const publisher = new RedisPublisher(redis.port);
  await publisher.connect();
  const event = `after ${fault.name}`;
  await eventually(
    async () => {
      await publisher.publish(`ws:user:${till.user}`, envelope("user", till.user, event, 1));
      return till.other.some((frame) => frame.event === event);
    },
    15_000,
    `a push after ${fault.name}; ${scene.first.tail()}`,
  );
  const resumed = (performance.now() - ended) / 1000;
  publisher.close();
  await eventually(async () => (await scene.first.health()).ready === 200, 10_000, "ready again");
  const health = await watch.stop();
  expect({ fault: fault.name, live: health.worst.live, accept: health.worst.accept }).toEqual({
    fault: fault.name,
    live: 200,
    accept: 200,
  });
  if (!fault.staysConnected) {
    expect({ fault: fault.name, ready: before?.ready }).toEqual({ fault: fault.name, ready: 503 });
    expect({ fault: fault.name, noticed: noticed <= 6.5 * patience }).toEqual({ fault: fault.name, noticed: true });
  }
  expect({ fault: fault.name, inTime: resumed <= 6 * patience, resumed }).toMatchObject({ inTime: true });
  const said = scene.first.find(
    (line) => (line.level === "warn" || line.level === "error") && fault.says.test(JSON.stringify(line)),
    began,
  );
  if (!said) throw new Error(`${fault.name}: no line says ${fault.says}; ${scene.warnings(began)}`);
  return `${fault.name} (noticed ${noticed.toFixed(1)} s, pushes again ${resumed.toFixed(2)} s after its end)`;
}

test("Redis is stopped, paused, slow, mute, cut in mid-message, lossy", async () => {
  const redis = await RedisServer.start();
  const proxy = await RedisProxy.start(redis.port);
  const scene = await Scene.open({ redis: proxy, watch: ["u1", "u2"] });
  const figures: string[] = [];
  const through = (name: string, mode: Mode, lasts: number, says: RegExp, more: Partial<Fault> = {}) =>
    suffer(scene, redis, {
      name,
      seconds: lasts,
      says,
      begin: () => {
        proxy.mode = mode;
        proxy.cut();
      },
      end: () => {
        proxy.mode = "pass";
        proxy.cut();
      },
      ...more,
    });

  figures.push(
    await suffer(scene, redis, {
      name: "stopped",
      seconds: seconds(2, 20),
      says: /refused|closed/,
      begin: () => redis.stop(),
      end: () => redis.launch(),
    }),
  );
  figures.push(
    await suffer(scene, redis, {
      name: "paused (SIGSTOP)",
      seconds: seconds(8, 20),
      says: /nothing received for 5000 ms/,
      begin: () => redis.pause(),
      end: () => redis.resume(),
    }),
  );
  figures.push(await through("accepting and never answering", "mute", 5, /takes longer than 2000 ms/));
  figures.push(
    await through("mute on open connections", "mute", 8, /nothing received for 5000 ms/, {
      begin: () => {
        proxy.mode = "mute";
      },
    }),
  );
  figures.push(await through("slow by 300 ms", "slow", 3, /closed the connection|reset/, { staysConnected: true }));
  figures.push(
    await through("losing a fifth of its packets", "lossy", 8, /bus (connection lost|away)/, { staysConnected: true }),
  );
  figures.push(
    await suffer(scene, redis, {
      name: "cut in mid-message",
      seconds: 1,
      says: /closed the connection|reset/,
      begin: async () => {
        proxy.cutAfter = 30_000;
        const publisher = new RedisPublisher(redis.port);
        await publisher.connect();
        await publisher.publish("ws:user:u1", envelope("user", "u1", "cut", "x".repeat(100_000)));
        publisher.close();
      },
      end: () => undefined,
      staysConnected: true,
    }),
  );
  figures.push(
    await suffer(scene, redis, {
      name: "the subscriber is cut off",
      seconds: 0,
      says: /closed the connection|reset/,
      begin: () => redis.cli("client", "kill", "type", "pubsub"),
      end: () => undefined,
      staysConnected: true,
    }),
  );

  expect(scene.clients.every((client) => client.connection === 1 && client.closed === null)).toBe(true);
  expect(scene.clients[0]!.other.some((frame) => frame.event === "cut")).toBe(false);
  const closing = await scene.close();
  await proxy.end();
  await redis.end();
  console.log(
    `bus: faults of Redis: ${figures.join(", ")}; live and accept 200 throughout, rows, ` +
      `local hints and REST went on; ${closing}`,
  );
});

test("Redis is absent at boot, and refuses", async () => {
  const redis = await RedisServer.start();
  await redis.stop();
  const scene = await Scene.open({ redis, watch: ["u1"] });
  expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 503 });
  await scene.pulse();
  await redis.launch();
  const back = performance.now();
  await eventually(async () => (await scene.first.health()).ready === 200, 10_000, "ready when Redis is there");
  const ready = (performance.now() - back) / 1000;

  const refusal = async (what: string, auth: string[], change: string[], undo: string[], says: RegExp) => {
    await redis.cli(...change);
    const since = performance.now();
    await redis.cli(...auth, "client", "kill", "type", "pubsub");
    await redis.cli(...auth, "client", "kill", "type", "normal");
    await eventually(
      () => scene.first.find((line) => says.test(JSON.stringify(line)), since),
      10_000,
      `${what}: ${says}; ${scene.first.tail()}`,
    );
    expect(await scene.first.health()).toEqual({ live: 200, accept: 200, ready: 503 });
    await scene.pulse();
    await redis.cli(...auth, ...undo);
    await eventually(async () => (await scene.first.health()).ready === 200, 10_000, `ready after ${what}`);
  };
  await refusal(
    "NOAUTH",
    ["-a", "no-such-secret"],
    ["config", "set", "requirepass", "no-such-secret"],
    ["config", "set", "requirepass", ""],
    /NOAUTH.*SIGNAL_REDIS_URL/,
  );
  await refusal(
    "NOPERM",
    [],
    ["acl", "setuser", "default", "resetchannels", "&ws:*"],
    ["acl", "setuser", "default", "allchannels"],
    /NOPERM.*&ws:room:\*/,
  );
  const closing = await scene.close();
  console.log(
    `bus: Redis absent at boot: serve starts, ready ${ready.toFixed(2)} s after Redis; ` +
      `NOAUTH and NOPERM said and survived; ${closing}`,
  );
});

test("what is published can be anything", async () => {
  const scene = await Scene.open({ watch: ["u1"] });
  const redis = scene.place.redis as RedisServer;
  const till = scene.clients[0]!;
  await eventually(async () => (await scene.first.health()).ready === 200, 10_000, "ready");
  const publisher = new RedisPublisher(redis.port);
  await publisher.connect();
  const messages = async (outcome: string) =>
    (await scene.first.metrics()).sum("signal_bus_messages_total", { outcome });

  const fits = envelope("user", "u1", "fits", "x".repeat(262_144 - envelope("user", "u1", "fits", "").length));
  expect(fits.length).toBe(262_144);
  await publisher.publish("ws:user:u1", fits);
  await publisher.publish("ws:user:u1", envelope("user", "u1", "too large", "x".repeat(262_144)));
  await publisher.publish("ws:user:u1", envelope("user", "u1", "far too large", "x".repeat(1 << 20)));
  await publisher.publish("signal:users", "x".repeat((1 << 20) + 1));
  const secret = "message-body-4711";
  for (const text of [
    "",
    "not json",
    "null",
    "[]",
    "5",
    '"text"',
    "{}",
    `{"serverId":"x","type":"user","event":"e","data":"${secret}"}`,
    '{"serverId":"x","type":"planet","target":"u1","event":"e"}',
    '{"serverId":5,"type":"user","target":"u1","event":"e"}',
    '{"topic":"t","destination":null}',
    "[".repeat(10_000),
    `{"serverId":"x","type":"user","target":"u1","event":"e","data":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
  ]) {
    await publisher.publish("ws:user:u1", text);
  }
  await publisher.publish(
    "ws:user:u1",
    Buffer.from('{"serverId":"x","type":"user","target":"u1","event":"\xff"}', "latin1"),
  );
  for (const text of [
    "not json",
    '{"serverId":"x","recorded":1,"users":["u1",1,1],"hint":{"event":"e","data":"\\ud800"}}',
  ])
    await publisher.publish("signal:users", text);
  const unknown = 100_000;
  for (let n = 0; n < unknown; n += 1_000)
    await Promise.all(Array.from({ length: 1_000 }, (_, k) => publisher.publish(`ws:other:${n + k}`, "x")));
  const strangers = 20_000;
  for (let n = 0; n < strangers; n += 1_000)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, k) =>
        publisher.publish(`ws:user:stranger-${n + k}`, envelope("user", `stranger-${n + k}`, "e", 1)),
      ),
    );
  await publisher.publish("ws:user:u1", envelope("user", "u1", "last", 1));

  await eventually(() => till.other.some((frame) => frame.event === "last"), 20_000, "the last push");
  expect(till.other.map((frame) => frame.event)).toEqual(["fits", "last"]);
  expect(await messages("too_large")).toBe(3);
  expect(await messages("malformed")).toBe(16);
  expect(await messages("relayed")).toBe(2 + strangers);
  const dropped = scene.first.lines.filter((line) => line.event === "bus message dropped");
  expect(dropped.length).toBeLessThan(20);
  expect(dropped.some((line) => line.reason === "too large" && Number(line.bytes) > 262_144)).toBe(true);
  await scene.pulse();
  publisher.close();
  const closing = await scene.close();
  checkNoLeaks([scene.first], [secret]);
  console.log(
    `bus: 3 messages too large and 16 malformed dropped and counted (${dropped.length} log lines), ` +
      `${unknown} of unknown channels and ${strangers} for strangers had no effect; ${closing}`,
  );
});

test("two instances with one id are said to be an error", async () => {
  const scene = await Scene.open({});
  const redis = scene.place.redis as RedisServer;
  await eventually(async () => (await scene.first.health()).ready === 200, 10_000, "ready");
  const channels = await eventually(
    async () => await redis.cli("pubsub", "channels", "signal:probe:*"),
    5_000,
    "its probe channel",
  );
  const id = channels.split(":").at(-1)!;
  await redis.cli("publish", "signal:instances", JSON.stringify({ id, address: "10.0.0.9:3000", started: 1 }));
  const line = await eventually(
    () => scene.first.find((one) => String(one.event).startsWith("two instances have the same id")),
    5_000,
    "the error",
  );
  expect(line).toMatchObject({ level: "error", id, other: "10.0.0.9:3000" });
  console.log(`bus: two instances with one id: "${line.event}"; ${await scene.close()}`);
});
