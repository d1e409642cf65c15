// A real Prometheus of a test's own: scrapes instances twice a second, and evaluates the rules of
// deploy/prometheus/alerts.yml in short time.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { eventually } from "./patience";
import { freePorts } from "./free_ports";

const root = resolve(import.meta.dir, "../../..");
const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The rules with each duration (`for`, the range of a rate) divided by `by`, so that minutes in the field are seconds
 * in a test. Expressions and thresholds stay.
 */
export function shortened(rules: string, by: number): string {
  return rules.replace(
    /(\bfor: |\[)(\d+)([smhd])\b/g,
    (_, before, amount, unit) => `${before}${Math.ceil((Number(amount) * unitMs[unit]!) / by)}ms`,
  );
}

/** Where an operator reads what to do. */
export const runbookOf = (alert: string) => `docs/operations.md` + `#${alert.toLowerCase()}`;

export type Alert = {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
};

export class Prometheus {
  private static readonly all = new Set<Prometheus>();
  private readonly folder = mkdtempSync(join(tmpdir(), "signal-prometheus-"));
  private child: Bun.Subprocess | null = null;
  private constructor(readonly port: number) {}

  /** `targets`: host:port of admin listeners. */
  static async start(
    targets: string[],
    rules = readFileSync(join(root, "deploy/prometheus/alerts.yml"), "utf8"),
  ): Promise<Prometheus> {
    const server = new Prometheus((await freePorts(1))[0]!);
    Prometheus.all.add(server);
    writeFileSync(join(server.folder, "alerts.yml"), shortened(rules, 60));
    writeFileSync(
      join(server.folder, "prometheus.yml"),
      JSON.stringify({
        // JSON is YAML
        global: { scrape_interval: "500ms", scrape_timeout: "500ms", evaluation_interval: "250ms" },
        rule_files: ["alerts.yml"],
        scrape_configs: [{ job_name: "signal", static_configs: [{ targets }] }],
      }),
    );
    server.child = Bun.spawn(
      [
        "prometheus",
        `--config.file=${server.folder}/prometheus.yml`,
        `--storage.tsdb.path=${server.folder}/data`,
        `--web.listen-address=127.0.0.1:${server.port}`,
        "--enable-feature=exemplar-storage",
        "--log.level=error",
      ],
      { stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    );
    await eventually(async () => (await fetch(`http://127.0.0.1:${server.port}/-/ready`)).ok, 20_000, "Prometheus");
    return server;
  }

  async end(): Promise<void> {
    Prometheus.all.delete(this);
    this.child?.kill("SIGKILL");
    await this.child?.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
  static async endAll(): Promise<void> {
    for (const one of [...Prometheus.all]) await one.end();
  }

  private async ask(path: string): Promise<any> {
    const answer = (await (await fetch(`http://127.0.0.1:${this.port}/api/v1/${path}`)).json()) as {
      status: string;
      data: any;
      error?: string;
    };
    if (answer.status !== "success") throw new Error(`Prometheus, ${decodeURIComponent(path)}: ${answer.error}`);
    return answer.data;
  }
  /** The series that the expression gives now. */
  async query(expression: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    return (await this.ask(`query?query=${encodeURIComponent(expression)}`)).result;
  }
  async targets(): Promise<{ health: string; lastError: string }[]> {
    return (await this.ask("targets")).activeTargets;
  }
  async metadata(metric: string): Promise<{ type: string; help: string; unit: string }[]> {
    return (await this.ask(`metadata?metric=${metric}`))[metric] ?? [];
  }
  async exemplars(
    metric: string,
  ): Promise<
    { seriesLabels: Record<string, string>; exemplars: { labels: Record<string, string>; value: string }[] }[]
  > {
    const now = Date.now() / 1000;
    return this.ask(`query_exemplars?query=${encodeURIComponent(metric)}&start=${now - 600}&end=${now + 60}`);
  }
  async alerts(): Promise<Alert[]> {
    return (await this.ask("alerts")).alerts;
  }
  /** The names of those that fire. */
  async firing(): Promise<string[]> {
    return [
      ...new Set((await this.alerts()).filter((one) => one.state === "firing").map((one) => one.labels.alertname!)),
    ].sort();
  }
}
