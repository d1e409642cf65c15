// Bad weather: each seed is a user with a client of its own behind a proxy of its own, all on the same instances.
// In each round every client suffers a fault of its seed, and all of them together one of the round's; when they end,
// each inbox must equal the rows within 5 s.
import { Random } from "../../../../tests/system/harness/random";
import type { RedisServer } from "../../../../tests/system/harness/redis";
import type { Scene } from "../../../../tests/system/harness/scene";
import { Sailor } from "./sailor";

export interface Figures {
  seeds: number;
  faults: number;
  notifications: number;
  connections: number;
  worstMs: number;
  worst: string;
  errors: number;
  changes: number;
  failedChanges: number;
}

/** The fault that all suffer together. */
async function common(scene: Scene, redis: RedisServer, random: Random): Promise<string> {
  const what = random.of(["nothing", "killed", "redis", "hung"]);
  const instance = random.of(scene.instances);
  const ms = 500 + random.below(1_000);
  if (what === "killed") {
    await instance.kill9();
    await Bun.sleep(ms);
    await instance.launch();
  } else if (what === "redis") {
    await redis.kill();
    await Bun.sleep(ms);
    await redis.launch();
  } else if (what === "hung") {
    process.kill(instance.pid, "SIGSTOP");
    await Bun.sleep(ms);
    process.kill(instance.pid, "SIGCONT");
  } else await Bun.sleep(ms);
  return what;
}

export async function weather(scene: Scene, redis: RedisServer, seeds: number[], rounds: number): Promise<Figures> {
  const figures: Figures = {
    seeds: seeds.length,
    faults: 0,
    notifications: 0,
    connections: 0,
    worstMs: 0,
    worst: "",
    errors: 0,
    changes: 0,
    failedChanges: 0,
  };
  const sailors = seeds.map((seed) => new Sailor(scene, seed));
  const random = new Random(seeds[0]! * 7_919);
  for (const one of sailors) await one.board();
  for (let round = 0; round < rounds; ++round) {
    let over = false;
    const traffic = (async () => {
      while (!over) {
        await scene.send([
          scene.note(
            undefined,
            sailors
              .filter(() => random.chance(0.6))
              .map(({ user }) => user)
              .concat("nobody"),
          ),
        ]);
        await Bun.sleep(50 + random.below(100));
      }
    })();
    const clicks = Promise.all(
      sailors.map(async (one) => {
        while (!over) {
          await (one.random.chance(0.6) ? one.click() : one.clickElsewhere());
          await Bun.sleep(100 + random.below(400));
        }
      }),
    );
    const [shared] = await Promise.all([common(scene, redis, random), ...sailors.map((one) => one.suffer())]);
    over = true;
    await Promise.all([traffic, clicks]);
    for (const one of sailors) one.suffered.push(`(all: ${shared})`);
    figures.faults += sailors.length;
    const took = await Promise.all(sailors.map((one) => one.settle()));
    const worst = Math.max(...took);
    if (worst > figures.worstMs) {
      figures.worstMs = worst;
      figures.worst = sailors[took.indexOf(worst)]!.last;
    }
  }
  await scene.history.waitStored(scene.database, 60_000);
  await Promise.all(sailors.map((one) => one.settle()));
  for (const one of sailors) {
    one.close();
    figures.notifications += one.heard;
    figures.errors += one.errors;
    figures.changes += one.changes;
    figures.failedChanges += one.failedChanges;
    figures.connections += one.proxy.accepted;
    await one.proxy.end();
  }
  return figures;
}
