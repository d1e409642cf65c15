// SIGTERM while something hangs or is slow: the balancer hears of it at once, and the end comes in time, with exit code
// 0.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { Stack } from "../harness/stack";
import { World } from "../harness/world";
import { patience } from "../support/signal";

afterEach(async () => {
  await Instance.endAll();
  await Stack.shared(); // heals
});

const drainMs = 2_000;
const graceAndRest = 12; // seconds: two of the gateway for the last close frames, ten of everything else

/** How long it took from SIGTERM until /health/accept was 503, and until the end, in seconds. */
async function stop(instance: Instance): Promise<{ told: number; ended: number }> {
  const began = performance.now();
  let told = Infinity;
  const ended = instance.stop();
  while (instance.running && told === Infinity) {
    const status = await fetch(`${instance.http}/health/accept`, { signal: AbortSignal.timeout(500 * patience) }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 503) told = (performance.now() - began) / 1000;
    await Bun.sleep(20);
  }
  await ended;
  return { told, ended: (performance.now() - began) / 1000 };
}

function expectInTime(name: string, took: { told: number; ended: number }) {
  console.log(
    `shutdown: ${name}: accept was 503 ${took.told.toFixed(2)} s and the process gone ${took.ended.toFixed(1)} s ` +
      `after SIGTERM`,
  );
  expect({
    name,
    took,
    told: took.told < 1 * patience,
    ended: took.ended < (drainMs / 1000 + graceAndRest) * patience,
  }).toMatchObject({ told: true, ended: true });
}

test("SIGTERM ends an instance in time while PostgreSQL hangs with its batch", async () => {
  const scene = await Scene.open({ watch: ["u1"], env: { SIGNAL_DRAIN_MS: String(drainMs) } });
  await scene.pulse();
  await scene.stack.postgres.pause();
  await scene.send([scene.note(), scene.note()]);
  await Bun.sleep(500);
  const took = await stop(scene.first);
  await scene.stack.postgres.resume();
  expectInTime("PostgreSQL hangs", took);
  await scene.first.launch();
  console.log(await scene.close({ live: false }));
});

test("SIGTERM ends an instance in time while PostgreSQL and Kafka hang", async () => {
  const scene = await Scene.open({ watch: ["u1"], env: { SIGNAL_DRAIN_MS: String(drainMs) } });
  await scene.pulse();
  await scene.send([scene.note(), scene.note()]);
  await scene.stack.postgres.pause();
  await scene.stack.kafka.pause();
  await Bun.sleep(2_000);
  const took = await stop(scene.first);
  await scene.stack.kafka.resume();
  await scene.stack.postgres.resume();
  expectInTime("PostgreSQL and Kafka hang", took);
  await scene.first.launch();
  console.log(await scene.close({ live: false }));
});

test.each(["postgres", "kafka"] as const)("SIGTERM ends a start-up that waits for %s in order", async (name) => {
  const scene = await Scene.open({ watch: ["u1"] });
  const { first, stack } = scene;
  await scene.pulse();
  await first.stop();
  await stack[name].pause();
  const launched = first.launch().then(
    () => "listening",
    (error) => String(error),
  );
  await Bun.sleep(3_000); // less than any time-out of a start-up
  expect(first.running).toBe(true);
  const began = performance.now();
  await first.stop();
  const took = (performance.now() - began) / 1000;
  await stack[name].resume();
  expect(await launched).toContain("ended with 0");
  expect(first.find((line) => line.event === "stopped during the start-up", began)).toBeDefined();
  expect({ took, inTime: took < 1 * patience }).toMatchObject({ inTime: true });
  await first.launch();
  console.log(
    `shutdown: gone ${took.toFixed(2)} s after SIGTERM while its start-up waited for ${name}; ` +
      `${await scene.close({ live: false })}`,
  );
});

test("SIGTERM ends an instance in time while its batch would take the database a minute", async () => {
  const world = new World();
  for (let n = 0; n < 120; ++n) world.join(`user-${n}`, "Organizer", `slow-${n}`);
  const scene = await Scene.open({ world });
  const { database } = scene;
  await scene.first.stop();
  const view = (seconds: number) =>
    database.query(
      `CREATE OR REPLACE VIEW identity."Slow" AS SELECT p.* FROM identity."PolicyDefinition" p,
        (SELECT pg_sleep(${seconds}) OFFSET 0) s`,
    );
  await view(0.5);
  await database.query(`GRANT SELECT ON identity."Slow" TO ${database.role}`);
  const slow = await scene.add({ env: { SIGNAL_DRAIN_MS: String(drainMs), SIGNAL_POLICY_TABLE: "identity.Slow" } });
  await scene.send(
    Array.from({ length: 120 }, (_, n) => scene.history.good({ recipientScope: "org", organizerId: `slow-${n}` })),
  );
  await eventually(
    async () => (await slow.metrics()).sum("signal_records_total") >= 1,
    20_000,
    "the first records to be read",
  );
  await Bun.sleep(500);
  expectInTime("a slow database", await stop(slow));
  await view(0);
  await slow.launch();
  console.log(await scene.close({ live: false }));
});

test("SIGHUP without a certificate to reload says so and changes nothing", async () => {
  const scene = await Scene.open({ watch: ["u1"] });
  await scene.pulse();
  scene.first.reload();
  const line = await eventually(
    () => scene.first.lines.find((one) => one.event === "nothing to reload"),
    5_000,
    "the line about SIGHUP",
  );
  expect(String(line.reason)).toContain("SIGNAL_TLS_CERT is not set");
  expect(scene.first.lines.some((one) => one.event === "certificate reloaded")).toBe(false);
  await scene.pulse();
  console.log(await scene.close());
});
