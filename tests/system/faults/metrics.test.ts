// /metrics of a running instance in both formats, against the table that the program prints, `promtool`, and the parser
// of Prometheus' own Python client.
import { afterEach, expect, test } from "bun:test";
import { Instance, run } from "../harness/instance";
import { eventually } from "../harness/patience";
import { openBroadcast, watchedScene } from "../harness/watched_scene";
import { ended } from "../support/ended";

afterEach(() => Instance.endAll());

const piped = (command: string[], input: string) =>
  ended(Bun.spawn(command, { stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" }));

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
