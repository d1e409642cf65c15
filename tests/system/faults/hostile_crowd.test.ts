// A crowd that holds connections in every way HTTP allows, against an instance with few descriptors: the balancer's
// probe is answered each time, tills get in, and the instance's own links find descriptors when they must be made
// again.
import { afterEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { figures, FrontDoorProber } from "../harness/front_door_prober";
import { Instance } from "../harness/instance";
import { eventually, resumeWithinSeconds, seconds } from "../harness/patience";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { RawClient } from "../support/raw_client";
import { patience } from "../support/signal";

afterEach(() => Instance.endAll());

const upgrade =
  "GET /stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const kinds: Record<string, (client: RawClient) => void> = {
  silent: () => undefined,
  "slow head": (client) => client.write("GET /health HTTP/1.1\r\nHo"),
  "withheld body": (client) =>
    client.write("POST /v1/notifications/read HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{"),
  "unread answer": (client) => {
    client.socket.pause();
    client.write("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3_000));
  },
  "silent upgrade": (client) => client.write(upgrade),
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

test("400 descriptors and 450 hostile connections of six kinds: the probe is always answered, tills get in, Redis comes back", async () => {
  const limit = 400;
  const redis = await RedisServer.start();
  const scene = await Scene.open({ watch: ["u1"], redis, wrapper: ["prlimit", `--nofile=${limit}:${limit}`] });
  await scene.pulse();
  const used = () => readdirSync(`/proc/${scene.first.pid}/fd`).length;
  const before = used();
  const prober = await FrontDoorProber.start(
    scene.first.http,
    scene.first.ws,
    await scene.stack.issuer.token({ userId: "u3" }),
    { first: goalMs !== null },
  );
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
  await redis.kill();
  await eventually(async () => (await scene.first.health()).ready === 503, 10_000, "ready to be 503");
  await redis.launch();
  const back = performance.now();
  await eventually(
    async () => (await scene.first.health()).ready === 200,
    resumeWithinSeconds * 1_000,
    "ready to be 200 again",
  );
  const resumed = (performance.now() - back) / 1_000;
  await scene.pulse();
  const metrics = await scene.first.metrics();
  const crowded = await prober.part();
  await prober.end();
  clearInterval(counting);
  const held = crowd.members.filter((member) => member && !member.ended).length;
  crowd.end();
  const [probes, entries] = [figures(crowded.probes), figures(crowded.entries)];
  console.log(
    `front door: ${limit} descriptors, ${before} used before, at most ${most}; ` +
      `450 hostile (${crowd.dialled} dialled, ${held} held at the end); ` +
      `probes of /health/accept ${probes.text} (alone ${figures(alone.probes).text}); ` +
      `a till from another address connected ${entries.text} (alone ${figures(alone.entries).text}); ` +
      `Redis back ${resumed.toFixed(1)} s after it ran again`,
  );
  for (const passages of [alone.probes, alone.entries, crowded.probes, crowded.entries]) {
    expect(passages.length).toBeGreaterThan(0);
    expect(passages.filter((passage) => passage.problem !== null)).toEqual([]);
  }
  expect(probes.worst).toBeLessThan(goalMs ?? 1_000 * patience);
  expect(entries.worst).toBeLessThan(1_000 * patience);
  expect(most).toBeLessThan(limit);
  expect(scene.clients.every((client) => client.connected)).toBe(true);
  expect(metrics.sum("signal_made_room_total")).toBeGreaterThan(0);
  expect(
    scene.first.find(
      (line) => line.event === "connection closed to make room for another" && typeof line.peer === "string",
    ),
  ).toBeTruthy();
  console.log(`front door: ${await scene.close()}`);
}, 180_000);
