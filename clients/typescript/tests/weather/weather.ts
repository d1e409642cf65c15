// Bad weather: each seed is a user with a device of its own behind a proxy of its own, all on the same instances.
// In each round every client suffers a fault of its seed, and all of them together one of the round's; when they end,
// each inbox must equal the rows within 5 s.
import { Random } from "../../../../tests/system/harness/random";
import type { RedisServer } from "../../../../tests/system/harness/redis";
import type { Scene } from "../../../../tests/system/harness/scene";
import { Backup } from "../support/backup";
import { equalWithinMs, type MakeDevice, type Sailor } from "./sailor";

export interface Figures {
  faults: number;
  notifications: number;
  connections: number;
  worstMs: number;
  worst: string;
  /** After which faults it took longer than 5 s. */
  late: string[];
  errors: number;
  changes: number;
  failedChanges: number;
}

/** The faults that all suffer together. */
export const commonFaults: Record<
  string,
  (scene: Scene, redis: RedisServer, ms: number, sailors: Sailor[]) => Promise<unknown>
> = {
  async nothing(_scene, _redis, ms) {
    await Bun.sleep(ms);
  },
  async killed(scene, _redis, ms) {
    const instance = scene.instances[ms % scene.instances.length]!;
    await instance.kill9();
    await Bun.sleep(ms);
    await instance.launch();
  },
  async hung(scene, _redis, ms) {
    const { pid } = scene.instances[ms % scene.instances.length]!;
    process.kill(pid, "SIGSTOP");
    await Bun.sleep(ms);
    process.kill(pid, "SIGCONT");
  },
  async redis(_scene, redis, ms) {
    await redis.kill();
    await Bun.sleep(ms);
    await redis.launch();
  },
  /** The database is that of some time ago, in a new epoch. */
  async restored(scene, _redis, ms, sailors) {
    const backup = await Backup.take(scene);
    await Bun.sleep(ms);
    await backup.restore();
    // All instances were away for seconds, and clients wait up to 30 s between attempts: somebody looks at the screen.
    await Promise.all(sailors.map(({ device }) => device.resume()));
  },
};

/** Messages and clicks until it is told to end. */
function traffic(scene: Scene, sailors: Sailor[], random: Random): () => Promise<unknown> {
  let over = false;
  const messages = async () => {
    while (!over) {
      const users = sailors.filter(() => random.chance(0.6)).map(({ user }) => user);
      await scene.send([scene.note(undefined, [...users, "nobody"])]);
      await Bun.sleep(50 + random.below(100));
    }
  };
  const clicks = async (one: Sailor) => {
    while (!over) {
      await (one.random.chance(0.6) ? one.click() : one.clickElsewhere());
      await Bun.sleep(100 + one.random.below(400));
    }
  };
  const all = Promise.all([messages(), ...sailors.map(clicks)]);
  all.catch(() => undefined); // told at the end
  return () => {
    over = true;
    return all;
  };
}

/** Some users on the same instances, from the opening of their pages to their end. */
export class WeatherRun {
  readonly figures: Figures = {
    faults: 0,
    notifications: 0,
    connections: 0,
    worstMs: 0,
    worst: "",
    late: [],
    errors: 0,
    changes: 0,
    failedChanges: 0,
  };
  private constructor(
    private readonly scene: Scene,
    private readonly redis: RedisServer,
    private readonly sailors: Sailor[],
    private readonly random: Random,
  ) {}

  static async begin(scene: Scene, redis: RedisServer, sailors: Sailor[], makeDevice: MakeDevice): Promise<WeatherRun> {
    await Promise.all(sailors.map((one) => one.board(makeDevice)));
    // A fault of a connection that is not there yet would be none.
    await Promise.all(sailors.map((one) => one.live()));
    return new WeatherRun(scene, redis, sailors, new Random(sailors[0]!.seed * 7_919));
  }

  /** A fault for all together, and one for each: of its seed, or that of `own`. */
  async round(shared = this.random.of(Object.keys(commonFaults)), own?: (sailor: Sailor) => string) {
    const { scene, redis, sailors, figures, random } = this;
    const quiet = traffic(scene, sailors, random);
    await Promise.all([
      commonFaults[shared]!(scene, redis, 500 + random.below(1_000), sailors),
      ...sailors.map((one) => one.suffer(own?.(one))),
    ]);
    await quiet();
    for (const one of sailors) one.suffered.push(`(all: ${shared})`);
    figures.faults += sailors.length;
    const took = await Promise.all(sailors.map((one) => one.settle()));
    // Requests alone make the inbox right in time: the next notification shows that it is live, too.
    const next = scene.note(
      undefined,
      sailors.map(({ user }) => user),
    );
    await scene.send([next]);
    await Promise.all(sailors.map((one) => one.hears(next.title!)));
    took.forEach((ms, n) => {
      if (ms > equalWithinMs) figures.late.push(`${sailors[n]!.last}: ${Math.round(ms)} ms`);
    });
    const worst = Math.max(...took);
    if (worst <= figures.worstMs) return;
    figures.worstMs = worst;
    figures.worst = sailors[took.indexOf(worst)]!.last;
  }

  /** Everything that was sent is stored and shown. */
  async end(): Promise<Figures> {
    const { scene, sailors, figures } = this;
    await scene.history.waitStored(scene.database, 60_000);
    await Promise.all(sailors.map((one) => one.settle()));
    for (const one of sailors) {
      await one.leave();
      figures.notifications += one.heard;
      figures.errors += one.errors;
      figures.changes += one.changes;
      figures.failedChanges += one.failedChanges;
      figures.connections += one.proxy.accepted;
    }
    return figures;
  }
}

export const told = (name: string, one: Figures) =>
  `client: weather: ${name}: ${one.faults} faults, ` +
  `rows equal after at most ${Math.round(one.worstMs)} ms (${one.worst}), ${one.late.length} times later than 5 s, ` +
  `${one.notifications} notifications told, none twice, ` +
  `${one.changes} changes of which ${one.failedChanges} failed and were taken back, ` +
  `${one.connections} connections, ${one.errors} errors told`;
