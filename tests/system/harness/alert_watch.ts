// Which alerts of deploy/prometheus/alerts.yml fire for a fault, and end with it.
import { expect } from "bun:test";
import type { Instance } from "./instance";
import { eventually, seconds } from "./patience";
import { type Prometheus, runbookOf } from "./prometheus";

// A slow machine may be slow: these are for its operator.
const ofASlowMachine = ["SignalCommitsSlow", "SignalHintsSlow", "SignalShardSlow"];
const shown = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

export class AlertWatch {
  readonly figures: string[] = [];
  /** `target`: the instance's name in Prometheus. */
  constructor(
    private readonly prometheus: Prometheus,
    private readonly instance: Instance,
    private readonly target: string,
  ) {}

  /** Nothing fires before the first fault. */
  async begins(): Promise<void> {
    const ready = async () => (await this.prometheus.query("signal_ready == 1")).length === 1;
    await eventually(ready, 20_000, "a ready instance in Prometheus");
    await Bun.sleep(seconds(3_000, 10_000)); // longer than the shortened `for` of most rules
    await eventually(() => this.isQuiet(), 60_000, "a Prometheus in which no alert fires");
  }

  async ends(): Promise<void> {
    await eventually(() => this.isQuiet(), 180_000, "the end of all alerts");
  }

  /** The alerts fire after `begin`, with the instance's name and the section of the docs, and no more after `heal`. */
  async during(
    fault: string,
    alerts: string[],
    begin: () => Promise<unknown>,
    heal: () => Promise<unknown>,
  ): Promise<void> {
    const began = performance.now();
    await begin();
    const tail = () => `${alerts} while ${fault}; last lines:\n${this.instance.tail()}`;
    await eventually(async () => (await this.firingOf(alerts)).length === alerts.length, 120_000, tail);
    const fired = performance.now();
    for (const { labels, annotations } of await this.prometheus.alerts()) {
      if (!alerts.includes(labels.alertname!)) continue;
      expect(annotations).toEqual({
        summary: expect.stringContaining(this.target),
        runbook: runbookOf(labels.alertname!),
      });
    }
    await heal();
    const isOver = async () => (await this.firingOf(alerts)).length === 0;
    await eventually(isOver, 180_000, `the end of ${alerts} after ${fault}`);
    const quiet = shown(performance.now() - fired);
    this.figures.push(`${fault}: ${alerts.join(", ")} after ${shown(fired - began)}, quiet ${quiet} later`);
  }

  private async firingOf(alerts: string[]): Promise<string[]> {
    return (await this.prometheus.firing()).filter((name) => alerts.includes(name));
  }
  private async isQuiet(): Promise<boolean> {
    return (await this.prometheus.firing()).every((name) => ofASlowMachine.includes(name));
  }
}
