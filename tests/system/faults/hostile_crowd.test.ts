// A crowd that holds connections in every way HTTP allows, against an instance with few descriptors: the balancer's
// probe is answered each time, tills get in, and the instance's own links find descriptors when they must be made
// again.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { figures, FrontDoorProber } from "../harness/front_door_prober";
import { Instance } from "../harness/instance";
import { eventually, resumeWithinSeconds, seconds } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { RawClient, upgradeHead } from "../support/raw_client";
import { patience } from "../support/signal";

const kinds: Record<string, (client: RawClient) => void> = {
  silent: () => undefined,
  "slow head": (client) => client.write("GET /health HTTP/1.1\r\nHo"),
  "withheld body": (client) =>
    client.write("POST /v1/notifications/read HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{"),
  "unread answer": (client) => {
    client.socket.pause();
    client.write("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3_000));
  },
  "silent upgrade": (client) => client.write(upgradeHead("/stream", { Host: "x" })),
  "TLS hello": (client) => client.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])),
};

/** Holds `count` connections, kinds in turn; one that is closed comes again. */
class Crowd {
  readonly members: (RawClient | null)[];
  dialled = 0;
  private readonly timer: Timer;
  constructor(
    private readonly url: string,
    count: number,
  ) {
    this.members = Array.from({ length: count }, () => null);
    this.timer = setInterval(() => this.fill(), 250);
    this.fill();
  }
  private fill() {
    const names = Object.keys(kinds);
    this.members.forEach((member, n) => {
      if (member && !member.ended) return;
      ++this.dialled;
      void RawClient.dial(this.url).then(
        (client) => {
          client.socket.on("end", () => client.destroy());
          this.members[n] = client;
          kinds[names[n % names.length]!]!(client);
        },
        () => undefined,
      );
    });
  }
  end() {
    clearInterval(this.timer);
    for (const member of this.members) member?.destroy();
  }
}

/** script/bench-front-door holds the probe to it; a test is no measurement. */
const goalMs = process.env.SIGNAL_FRONT_DOOR_GOAL_MS ? Number(process.env.SIGNAL_FRONT_DOOR_GOAL_MS) : null;

const limit = 400;
let scene: Scene;
let siege: Awaited<ReturnType<typeof besiege>>;
beforeAll(async () => {
  const redis = await RedisServer.start();
  scene = await Scene.open({ watch: ["u1"], redis, wrapper: ["prlimit", `--nofile=${limit}:${limit}`] });
  await scene.pulse();
  siege = await besiege(redis);
});
afterAll(() => Instance.endAll());

/** Redis is killed and started again. How many seconds later the instance was ready. */
async function redisReturns(redis: RedisServer): Promise<number> {
  await redis.kill();
  await eventually(async () => (await scene.first.health()).ready === 503, 10_000, "ready to be 503");
  await redis.launch();
  const back = performance.now();
  await scene.ready(resumeWithinSeconds * 1_000);
  return (performance.now() - back) / 1_000;
}

/** The prober alone, and then beside 450 hostile connections, while a till comes, traffic flows and Redis is away. */
async function besiege(redis: RedisServer) {
  const used = () => readdirSync(`/proc/${scene.first.pid}/fd`).length;
  const before = used();
  const token = await scene.stack.issuer.token({ userId: "u3" });
  const prober = await FrontDoorProber.start(scene.first.http, scene.first.ws, token);
  await Bun.sleep(1_500);
  const alone = await prober.part();
  const crowd = new Crowd(scene.first.ws, 450);
  let most = 0;
  const counting = setInterval(() => {
    most = Math.max(most, used());
  }, 20);
  await Bun.sleep(seconds(3_000, 20_000));
  await scene.watch("u2");
  await scene.pulse();
  const resumed = await redisReturns(redis);
  await scene.pulse();
  const metrics = await scene.first.metrics();
  const crowded = await prober.part();
  await prober.end();
  clearInterval(counting);
  const held = crowd.members.filter((member) => member && !member.ended).length;
  crowd.end();
  console.log(
    `front door: ${limit} descriptors, ${before} used before, at most ${most}; ` +
      `450 hostile (${crowd.dialled} dialled, ${held} held at the end); ` +
      `Redis back ${resumed.toFixed(1)} s after it ran again`,
  );
  return { alone, crowded, most, metrics, connected: scene.clients.map((client) => client.connected) };
}

test("beside the crowd each probe of /health/accept is answered", () => {
  const { alone, crowded } = siege;
  const probes = figures(crowded.probes);
  console.log(`front door: probes of /health/accept ${probes.text} (alone ${figures(alone.probes).text})`);
  for (const passages of [alone.probes, crowded.probes]) {
    expect(passages.length).toBeGreaterThan(0);
    expect(passages.filter((passage) => passage.problem !== null)).toEqual([]);
  }
  expect(probes.worst).toBeLessThan(goalMs ?? 1_000 * patience);
});

test("beside the crowd each till from another address gets in", () => {
  const { alone, crowded } = siege;
  const entries = figures(crowded.entries);
  console.log(`front door: a till from another address ${entries.text} (alone ${figures(alone.entries).text})`);
  for (const passages of [alone.entries, crowded.entries]) {
    expect(passages.length).toBeGreaterThan(0);
    expect(passages.filter((passage) => passage.problem !== null)).toEqual([]);
  }
  expect(entries.worst).toBeLessThan(1_000 * patience);
});

test("the crowd closes no till that is in, and the descriptors do not run out", () => {
  expect(siege.connected).toEqual([true, true]);
  expect(siege.most).toBeLessThan(limit);
});

test("connections of the crowd are closed to make room, and the log names their addresses", () => {
  expect(siege.metrics.sum("signal_made_room_total")).toBeGreaterThan(0);
  const line = scene.first.find((one) => one.event === "connection closed to make room for another");
  expect(line).toMatchObject({ peer: expect.any(String) });
});

test("after the crowd every row is there once", async () => {
  console.log(`front door: ${await scene.close()}`);
});
