// An upgrade and its way back while clients are served: two instances of an older program, its tables changed by the
// present one, then the instances replaced one by one, and back again on the changed tables. script/rolling-upgrade
// builds the older program; without one (NX_SIGNAL_OLD) the present program takes its place, and each is replaced once.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Instance, run } from "../harness/instance";
import { givenSeed, Random } from "../harness/random";
import { Fleet, present, type Program } from "./fleet";
import { holdUnderstanding } from "./understanding";

const older = process.env.NX_SIGNAL_OLD;
const old: Program = { name: "old", path: older ?? present.path };
const restMs = Number(process.env.SIGNAL_ROLLING_REST_MS ?? 0); // of traffic after each step
const seed = givenSeed();
const say = (text: string) => console.log(`rolling: seed ${seed}: ${text}`);

let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.open(old, new Random(seed));
});
afterAll(() => Instance.endAll());

/** Traffic for a while, then what the instances say to each other. */
async function hold(step: string): Promise<void> {
  await Bun.sleep(restMs);
  const understood = await holdUnderstanding(fleet.scene);
  expect(fleet.refused).toEqual([]);
  say(`${step}: ${understood}`);
}

test("the tables are changed while two older instances serve, and those understand each other as before", async () => {
  if (older) await hold("two older instances");
  const said = await fleet.migrate(present);
  if (older) await hold(`after migrate (${said})`);
});

const steps: [to: string, program: Program][] = older
  ? [
      ["a newer instance beside an older one", present],
      ["two newer instances", present],
      ["back: an older instance beside a newer one", old],
      ["back: two older instances on the changed tables", old],
      ["again a newer instance beside an older one", present],
    ]
  : [["an instance that was replaced beside another", present]];
test.each(steps)("%s: nobody is refused, and they understand each other", async (step, program) => {
  await fleet.replaceOldest(program);
  await hold(step);
});

test("no message is lost or stored twice, no mark is lost, and every counter is right", async () => {
  const { code, out } = await run(["check", "--deep"], fleet.scene.env, 300_000);
  expect({ code, out }).toMatchObject({ code: 0 });
  say(await fleet.close());
});
