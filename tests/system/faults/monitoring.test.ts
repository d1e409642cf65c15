// What operators watch: /metrics in both formats against the table, `promtool` and an OpenMetrics parser; the dashboard
// and the alert rules on a real Prometheus that scrapes a real instance, while its dependencies are broken.
import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Instance, run } from "../harness/instance";
import { eventually, seconds } from "../harness/patience";
import { Prometheus, runbookOf } from "../harness/prometheus";
import { freePort } from "../harness/free_ports";
import { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { Stack } from "../harness/stack";

const root = resolve(import.meta.dir, "../../..");

afterEach(async () => {
  await Prometheus.endAll();
  await Instance.endAll();
  await Stack.shared(); // heals
});

async function piped(command: string[], input: string) {
  const child = Bun.spawn(command, { stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" });
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, error };
}

/** A scene whose admin listener keeps its port over restarts, so that Prometheus finds it again. */
async function watchedScene(options: { dlq?: boolean } = {}) {
  const admin = `127.0.0.1:${await freePort()}`;
  return { admin, scene: await Scene.open({ watch: ["u1"], env: { SIGNAL_ADMIN_LISTEN: admin }, ...options }) };
}

/** Locks the inbox of a user, which need not exist before, until the returned function is called. */
async function lockInbox(scene: Scene, user: string) {
  await scene.database.query(
    `INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread) VALUES ($1, 0, 0, 0) ON CONFLICT DO NOTHING`,
    [user],
  );
  const holder = await scene.database.connection();
  await holder.query("BEGIN");
  await holder.query(`SELECT 1 FROM signal."ActivityInbox" WHERE user_id = $1 FOR UPDATE`, [user]);
  return async () => {
    await holder.query("COMMIT");
    await holder.end();
  };
}

/** A message to 2,001 users that can not end: the last inbox is locked until the returned function is called. */
async function openBroadcast(scene: Scene) {
  const users = Array.from({ length: 2_001 }, (_, n) => `m${String(n).padStart(4, "0")}`);
  const end = await lockInbox(scene, users.at(-1)!);
  await scene.send([scene.history.good({ recipientScope: "users", recipientIds: users })]);
  return end;
}

type Row = { type: string; unit: string; labels: string[] };

/** The table that the program prints. */
async function documented(): Promise<Map<string, Row>> {
  const { code, out } = await run(["metrics", "--doc"], {});
  expect(code).toBe(0);
  const names = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map((one) => one[1]!);
  return new Map(
    [...out.matchAll(/^\| `(signal_\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|/gm)].map((row) => [
      row[1]!,
      { type: row[2]!, unit: row[3]!, labels: names(row[4]!) },
    ]),
  );
}

/** The families that have samples. */
function exposed(text: string): Map<string, { type: string; labels: string[] }> {
  const found = new Map<string, { type: string; labels: string[] }>();
  const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map((head) => [head[1]!, head[2]!]));
  for (const sample of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const name = types.has(sample[1]!) ? sample[1]! : sample[1]!.replace(/_(bucket|sum|count)$/, "");
    const labels = [...(sample[2] ?? "").matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)]
      .map((label) => label[1]!)
      .filter((label) => label !== "le");
    found.set(name, { type: types.get(name) ?? "none", labels });
  }
  return found;
}

const sorted = <T>(map: Map<string, T>) => Object.fromEntries([...map].sort(([a], [b]) => a.localeCompare(b)));

/** Prints name, type and unit of each family as the parser of Prometheus' own Python client reads them. */
const openMetricsParser = `import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = text_string_to_metric_families(sys.stdin.read())
print(json.dumps([[family.name, family.type, family.unit] for family in families]))`;

test("/metrics has the metrics of the table and no other, in two formats that the public parsers take", async () => {
  const { scene, admin } = await watchedScene();
  await scene.pulse();
  const end = await openBroadcast(scene);
  await eventually(
    async () => (await scene.first.metrics()).has("signal_broadcast_recipients_done"),
    20_000,
    "the open broadcast in the metrics",
  );
  await eventually(
    async () => (await scene.first.metrics()).has("signal_clock_ahead_seconds"),
    20_000,
    "the first maintenance",
  );
  const table = await documented();
  const { text } = await scene.first.metrics();

  expect(sorted(exposed(text))).toEqual(
    sorted(new Map([...table].map(([name, { type, labels }]) => [name, { type, labels }]))),
  );
  expect(await piped(["promtool", "check", "metrics"], text)).toEqual({ code: 0, out: "", error: "" });

  const answer = await fetch(`http://${admin}/metrics`, { headers: { accept: "application/openmetrics-text" } });
  expect(answer.headers.get("content-type")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  const { code, out, error } = await piped(["/usr/bin/python3", "-c", openMetricsParser], await answer.text());
  expect({ code, error }).toEqual({ code: 0, error: "" });
  const families = new Map(
    (JSON.parse(out) as [string, string, string][]).map(([name, type, unit]) => [name, { type, unit }]),
  );
  const expected = [...table].map(([name, { type, unit }]) => {
    const family = name.replace(/_total$/, "");
    return [family, { type, unit: family.endsWith(`_${unit}`) ? unit : "" }] as const;
  });
  expect(sorted(families)).toEqual(sorted(new Map(expected)));
  await end();
  console.log(`monitoring: ${table.size} metrics in the table and in /metrics; ${await scene.close({ live: false })}`);
});

/** Each query of the dashboard gives series, each variable the instance. Returns how many queries there are. */
async function queriesOfTheDashboard(prometheus: Prometheus, admin: string): Promise<number> {
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
  // nobody records the other trace
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
  // only OpenMetrics has units
  expect(await prometheus.metadata("signal_loop_lag_seconds")).toMatchObject([{ type: "histogram", unit: "seconds" }]);

  const queries = await queriesOfTheDashboard(prometheus, admin);
  await end();
  console.log(`monitoring: ${queries} queries of the dashboard; ${await scene.close()}`);
});

type Fault = { name: string; begin: () => Promise<unknown>; heal: () => Promise<unknown>; alerts: string[] };

/** Begins the fault, waits until its alerts fire, heals it and waits until they have ended. Returns both times. */
async function alertsOf(fault: Fault, prometheus: Prometheus, scene: Scene, admin: string): Promise<string> {
  const firing = async () => new Set(await prometheus.firing());
  const began = performance.now();
  await fault.begin();
  await eventually(
    async () => firing().then((now) => fault.alerts.every((name) => now.has(name))),
    120_000,
    () => `${fault.alerts} while ${fault.name}; last lines:\n${scene.first.tail()}`,
  );
  const fired = performance.now();
  const alerts = await prometheus.alerts();
  for (const name of fault.alerts) {
    const { annotations } = alerts.find((one) => one.labels.alertname === name)!;
    expect(annotations).toEqual({ summary: expect.stringContaining(admin), runbook: runbookOf(name) });
  }
  await fault.heal();
  await eventually(
    async () => firing().then((now) => fault.alerts.every((name) => !now.has(name))),
    180_000,
    () => `the end of ${fault.alerts} after ${fault.name}`,
  );
  const [until, after] = [fired - began, performance.now() - fired].map((ms) => (ms / 1000).toFixed(1));
  return `${fault.name}: ${fault.alerts.join(", ")} after ${until} s, quiet ${after} s later`;
}

/** The faults in the order in which they are made. */
function faultsOf(scene: Scene): Fault[] {
  const { kafka, postgres } = scene.stack;
  const redis = scene.place.redis as RedisServer;
  let unlock = async () => undefined as unknown;
  const lock = async () => {
    unlock = await lockInbox(scene, "locked");
    await scene.send([scene.note(0, ["locked"])]);
  };
  const ofRedis = ["SignalBusDisconnected", "SignalNotReady"];
  const ofPostgres = ["SignalDatabaseUnreachable", "SignalBatchHeld", "SignalNotReady"];
  const ofKafka = ["SignalKafkaDisconnected", "SignalNotReady"];
  const poison = () => scene.send([scene.history.bad("{", 0)]);
  const healed = async () => scene.quiet();
  return [
    { name: "a dead letter", begin: poison, heal: async () => undefined, alerts: ["SignalDeadLetters"] },
    { name: "a locked inbox", begin: lock, heal: () => unlock(), alerts: ["SignalMessagesWaitForLock"] },
    { name: "Redis stopped", begin: () => redis.stop(), heal: () => redis.launch(), alerts: ofRedis },
    { name: "PostgreSQL stopped", begin: postgres.immediate, heal: postgres.start, alerts: ofPostgres },
    { name: "kill -9 of Kafka", begin: kafka.kill9, heal: () => kafka.start().then(healed), alerts: ofKafka },
    {
      name: "kill -9 of the instance",
      begin: () => scene.first.kill9(),
      heal: () => scene.first.launch(),
      alerts: ["SignalInstanceDown"],
    },
  ];
}

test("the alerts of a fault fire while it lasts, and end with it", async () => {
  const { scene, admin } = await watchedScene({ dlq: true });
  const prometheus = await Prometheus.start([admin]);
  await scene.pulse();
  await eventually(
    async () => (await prometheus.query("signal_ready == 1")).length === 1,
    20_000,
    "a ready instance in Prometheus",
  );
  await Bun.sleep(seconds(3_000, 10_000)); // longer than the shortened `for` of most rules
  // A slow machine may be slow: these three are for its operator.
  const ofASlowMachine = ["SignalCommitsSlow", "SignalHintsSlow", "SignalShardSlow"];
  const quiet = async () => (await prometheus.firing()).every((name) => ofASlowMachine.includes(name));
  await eventually(quiet, 60_000, "a Prometheus in which no alert fires");

  scene.flow();
  const figures: string[] = [];
  for (const fault of faultsOf(scene)) figures.push(await alertsOf(fault, prometheus, scene, admin));
  for (const till of scene.clients.filter((client) => !client.connected))
    await till.connect(scene.first.ws, { since: till.since });
  await eventually(quiet, 180_000, "the end of all alerts");
  await prometheus.end();
  console.log(`monitoring: ${figures.join("; ")}; ${await scene.close({ deadLetters: 1 })}`);
});
