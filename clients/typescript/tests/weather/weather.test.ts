// CLIENT_WEATHER_SEEDS: how many seeds, from CLIENT_WEATHER_FIRST on; a few, and without a goal, if it is `short`.
// CLIENT_WEATHER_BROWSER: chromium, firefox or webkit in place of this process.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance } from "../../../../tests/system/harness/instance";
import { RedisServer } from "../../../../tests/system/harness/redis";
import { Scene } from "../../../../tests/system/harness/scene";
import { faults } from "./faults";
import { Sailor } from "./sailor";
import { deviceMaker } from "./devices";
import { commonFaults, told, WeatherRun } from "./weather";

const { CLIENT_WEATHER_SEEDS = "short" } = process.env;
const asked = CLIENT_WEATHER_SEEDS !== "short";
const seeds = asked ? Number(CLIENT_WEATHER_SEEDS) : 6;
const first = Number(process.env.CLIENT_WEATHER_FIRST ?? 1);
const place = process.env.CLIENT_WEATHER_BROWSER ?? "node";
const together = place === "node" ? 15 : 10;
const rounds = asked ? 6 : 2;

let redis: RedisServer;
let scene: Scene;
let maker: Awaited<ReturnType<typeof deviceMaker>>;

beforeAll(async () => {
  redis = await RedisServer.start();
  scene = await Scene.open({ instances: 2, redis, env: { SIGNAL_CORS_ORIGINS: "*" } });
  maker = await deviceMaker(place);
});
afterAll(async () => {
  await maker.end();
  await scene.close({ live: false });
  await redis.end();
  await Instance.endAll();
});

// On request, the run is a measurement on a machine that does nothing else; otherwise a slow machine has its patience.
const isInTime = ({ late }: { late: string[] }) => {
  if (asked) expect(late).toEqual([]);
};

test("after faults of random seeds every inbox equals the rows within 5 s, and nothing is told twice", async () => {
  let done = 0;
  const late: string[] = [];
  for (let at = first; at < first + seeds; at += together) {
    const some = Array.from({ length: Math.min(together, first + seeds - at) }, (_, n) => new Sailor(scene, at + n));
    const run = await WeatherRun.begin(scene, redis, some, maker.make);
    for (let round = 0; round < rounds; ++round) await run.round();
    const figures = await run.end();
    console.log(told(`${maker.name}: seeds ${at} to ${at + some.length - 1}`, figures));
    done += some.length;
    late.push(...figures.late);
  }
  expect(done).toBe(seeds);
  isInTime({ late });
}, 7_200_000);

test("after each fault of one user, and each that all have, the inbox equals the rows within 5 s", async () => {
  const names = Object.keys(faults);
  const sailors = names.map((name, n) => new Sailor(scene, 65_000 + n, `each-${name}`));
  const run = await WeatherRun.begin(scene, redis, sailors, maker.make);
  await run.round("nothing", ({ seed }) => names[seed - 65_000]!);
  const shared = asked ? Object.keys(commonFaults) : ["restored"];
  for (const one of shared) await run.round(one, () => "calm");
  const figures = await run.end();
  console.log(told(`${maker.name}: ${[...names, ...shared].join(", ")}`, figures));
  expect(figures.faults).toBe(names.length * (1 + shared.length));
  isInTime(figures);
}, 7_200_000);
