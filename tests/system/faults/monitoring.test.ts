// The dashboard and the alert rules of deploy/ on a real Prometheus that scrapes a real instance, while what the
// instance depends on is broken.
import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AlertWatch } from "../harness/alert_watch";
import { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Prometheus } from "../harness/prometheus";
import type { RedisServer } from "../harness/redis";
import { Stack } from "../harness/stack";
import { lockInbox, openBroadcast, watchedScene } from "../harness/watched_scene";

const root = resolve(import.meta.dir, "../../..");

afterEach(async () => {
  await Prometheus.endAll();
  await Instance.endAll();
  await Stack.shared(); // heals
});

/** Each query and each variable of the dashboard gives series; returns the number of queries. */
async function checkDashboard(prometheus: Prometheus, admin: string): Promise<number> {
  const dashboard = JSON.parse(readFileSync(join(root, "deploy/grafana/signal.json"), "utf8"));
  const queries: string[] = dashboard.panels.flatMap((panel: any) =>
    (panel.targets ?? []).map((target: any) => target.expr),
  );
  queries.push(...dashboard.annotations.list.map((one: any) => `${one.expr} or vector(0)`));
  expect(queries.length).toBeGreaterThan(60);
  for (const query of queries) {
    const written = query
      .replaceAll("$__rate_interval", "5s")
      .replaceAll("$job", "signal")
      .replaceAll("$instance", ".*");
    expect(written).not.toContain("$");
    expect({ query: written, series: (await prometheus.query(written)).length > 0 }).toEqual({
      query: written,
      series: true,
    });
  }
  for (const one of dashboard.templating.list.filter((variable: any) => variable.type === "query")) {
    const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(one.definition)!;
    const values = (await prometheus.query(selector!.replaceAll("$job", "signal"))).map(
      (series) => series.metric[label!],
    );
    expect({ variable: one.name, values }).toEqual({
      variable: one.name,
      values: [label === "job" ? "signal" : admin],
    });
  }
  return queries.length;
}

test("a real Prometheus scrapes an instance, and each query of the dashboard gives series", async () => {
  const { scene, admin } = await watchedScene();
  const end = await openBroadcast(scene);
  const prometheus = await Prometheus.start([admin]);
  const traced = (trace: string, flags: string) => ({
    ...scene.note(),
    headers: { traceparent: `00-${trace}-b7ad6b7169203331-${flags}` },
  });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await scene.send([traced(traceId, "01"), traced("f".repeat(32), "00")]);
  const exemplars = async () =>
    (await prometheus.exemplars("signal_record_to_commit_seconds_bucket")).flatMap((series) =>
      series.exemplars.map((one) => one.labels),
    );
  await eventually(async () => (await exemplars()).length > 0, 20_000, "an exemplar");
  // Nobody records the other trace.
  expect(new Set((await exemplars()).map((labels) => labels.trace_id))).toEqual(new Set([traceId]));
  scene.flow();
  await eventually(
    async () => (await prometheus.query("signal_broadcast_recipients_done")).length === 1,
    20_000,
    "the open broadcast",
  );
  await eventually(
    async () =>
      Number((await prometheus.query("rate(signal_record_to_frame_seconds_count[5s])"))[0]?.value[1] ?? 0) > 0,
    20_000,
    "a rate",
  );
  expect(await prometheus.targets()).toMatchObject([{ health: "up", lastError: "" }]);
  // Only OpenMetrics has units.
  expect(await prometheus.metadata("signal_loop_lag_seconds")).toMatchObject([{ type: "histogram", unit: "seconds" }]);
  const queries = await checkDashboard(prometheus, admin);
  await end();
  console.log(`monitoring: ${queries} queries of the dashboard; ${await scene.close()}`);
});

test("alerts fire while a dependency or the instance is away, and end with the fault", async () => {
  const { scene, admin } = await watchedScene({ dlq: true });
  const { kafka, postgres } = scene.stack;
  const redis = scene.place.redis as RedisServer;
  const prometheus = await Prometheus.start([admin]);
  await scene.pulse();
  const watch = new AlertWatch(prometheus, scene.first, admin);
  await watch.begins();

  scene.flow();
  const poison = () => scene.send([scene.history.bad("{", 0)]);
  await watch.during("a dead letter", ["SignalDeadLetters"], poison, async () => undefined);
  let unlock = async () => undefined as unknown;
  const lock = async () => {
    unlock = await lockInbox(scene, "locked");
    await scene.send([scene.note(0, ["locked"])]);
  };
  await watch.during("a locked inbox", ["SignalMessagesWaitForLock"], lock, () => unlock());
  const ofRedis = ["SignalBusDisconnected", "SignalNotReady"];
  await watch.during(
    "Redis stopped",
    ofRedis,
    () => redis.stop(),
    () => redis.launch(),
  );
  const ofPostgres = ["SignalDatabaseUnreachable", "SignalBatchHeld", "SignalNotReady"];
  await watch.during("PostgreSQL stopped", ofPostgres, postgres.immediate, postgres.start);
  await watch.during("kill -9 of Kafka", ["SignalKafkaDisconnected", "SignalNotReady"], kafka.kill9, kafka.start);
  await scene.quiet();
  const { first } = scene;
  await watch.during(
    "kill -9 of the instance",
    ["SignalInstanceDown"],
    () => first.kill9(),
    () => first.launch(),
  );

  for (const till of scene.clients.filter((client) => !client.connected))
    await till.connect(first.ws, { since: till.since });
  await watch.ends();
  await prometheus.end();
  console.log(`monitoring: ${watch.figures.join("; ")}; ${await scene.close({ deadLetters: 1 })}`);
});
