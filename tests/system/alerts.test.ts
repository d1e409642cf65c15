// deploy/prometheus and deploy/grafana beside docs/: the rules pass `promtool` and their unit tests, each of them has
// such a test and a section that says what to do, and nobody names a metric that there is not. That the rules fire on
// real faults is faults/monitoring.test.ts.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runbookOf } from "./harness/prometheus";
import { ended } from "./support/ended";

const root = resolve(import.meta.dir, "../..");
const text = (path: string) => readFileSync(join(root, path), "utf8");
const parsed = (path: string): any => Bun.YAML.parse(text(path));
const unitTests = ["tests/alerts/alerts_test.yml", "tests/alerts/alerts_days_test.yml"];

type Rule = {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
};
const rules: Rule[] = parsed("deploy/prometheus/alerts.yml").groups.flatMap((group: any) => group.rules);
const documented = new Set([...text("docs/metrics.md").matchAll(/^\| `(signal_\w+)`/gm)].map((row) => row[1]!));
const named = (source: string) => [
  ...new Set([...source.matchAll(/\bsignal_\w+/g)].map((found) => found[0].replace(/_(bucket|sum|count)$/, ""))),
];

async function promtool(...flags: string[]) {
  const child = Bun.spawn(["promtool", ...flags], { cwd: root, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const { code, out, error } = await ended(child);
  return { code, said: out + error };
}

test("the rules and the example of a configuration pass promtool", async () => {
  expect(await promtool("check", "config", "deploy/prometheus/prometheus.yml")).toMatchObject({ code: 0 });
  const { code, said } = await promtool("check", "rules", "deploy/prometheus/alerts.yml");
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(`SUCCESS: ${rules.length} rules found`) });
});

test("the rules pass their unit tests", async () => {
  const { code, said } = await promtool("test", "rules", ...unitTests);
  expect({ code, said }).toMatchObject({ code: 0 });
});

test("each rule has a unit test in which it is quiet, fires, and is quiet again", () => {
  const steps = new Map<string, boolean[]>();
  for (const one of unitTests.flatMap((path) => parsed(path).tests)) {
    for (const step of one.alert_rule_test)
      steps.set(step.alertname, [...(steps.get(step.alertname) ?? []), (step.exp_alerts ?? []).length > 0]);
  }
  expect(rules.length).toBeGreaterThan(30);
  for (const { alert } of rules)
    expect({ alert, fires: steps.get(alert) }).toEqual({ alert, fires: [false, true, false] });
  expect([...steps.keys()].sort()).toEqual(rules.map((rule) => rule.alert).sort());
});

test("each rule has a severity, a summary and a section in docs/operations.md, and each section has a rule", () => {
  for (const { alert, labels, annotations } of rules) {
    expect({ alert, known: ["critical", "warning", "info"].includes(labels.severity) }).toEqual({ alert, known: true });
    expect({ alert, summary: annotations.summary }).toEqual({ alert, summary: expect.stringMatching(/^\S.*\.$/) });
    expect({ alert, runbook: annotations.runbook }).toEqual({ alert, runbook: runbookOf(alert) });
  }
  const sections = [...text("docs/operations.md").matchAll(/^### (Signal\w+)\n\n(.+)/gm)];
  expect(sections.map((section) => section[1]).sort()).toEqual(rules.map((rule) => rule.alert).sort());
  for (const { alert, expr } of rules) {
    const section = text("docs/operations.md").split(`### ${alert}\n`)[1]!.split("\n##")[0]!;
    expect({ alert, names: named(expr).filter((name) => !section.includes(name)) }).toEqual({ alert, names: [] });
  }
});

test("rules and dashboard name metrics of docs/metrics.md alone, and docs/operations.md names all of them", () => {
  for (const path of ["deploy/prometheus/alerts.yml", "deploy/grafana/signal.json", "docs/operations.md"]) {
    const names = named(text(path));
    expect(names.length).toBeGreaterThan(30);
    expect({ path, unknown: names.filter((name) => !documented.has(name)) }).toEqual({ path, unknown: [] });
  }
  const explained = new Set(named(text("docs/operations.md")));
  expect([...documented].filter((name) => !explained.has(name))).toEqual([]);
});

test("the panels of the dashboard have ids and places of their own, and the data source of the variable", () => {
  const { panels } = JSON.parse(text("deploy/grafana/signal.json"));
  expect(new Set(panels.map((panel: any) => panel.id)).size).toBe(panels.length);
  const covered = new Map<string, string>();
  for (const {
    title,
    type,
    gridPos: { x, y, w, h },
    datasource,
    targets = [],
  } of panels) {
    expect({ title, right: x + w <= 24 }).toEqual({ title, right: true });
    for (let cell = 0; cell < w * h; ++cell) {
      const place = `${x + (cell % w)}/${y + Math.floor(cell / w)}`;
      expect({ title, beneath: covered.get(place) }).toEqual({ title, beneath: undefined });
      covered.set(place, title);
    }
    if (type === "row") continue;
    const refs = targets.map((target: any) => target.refId);
    expect({ title, queries: refs.length > 0 && new Set(refs).size === refs.length }).toEqual({ title, queries: true });
    for (const source of [datasource, ...targets.map((target: any) => target.datasource)])
      expect({ title, source }).toEqual({ title, source: { type: "prometheus", uid: "${datasource}" } });
  }
});
