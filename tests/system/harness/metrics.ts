// The Prometheus text of an instance's admin listener.
export class Metrics {
  private readonly samples: { name: string; labels: Record<string, string>; value: number }[] = [];
  constructor(readonly text: string) {
    for (const line of text.split("\n")) {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (!match || line.startsWith("#")) continue;
      const labels = Object.fromEntries(
        [...(match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((pair) => [pair[1]!, pair[2]!]),
      );
      this.samples.push({ name: match[1]!, labels, value: match[3] === "+Inf" ? Infinity : Number(match[3]) });
    }
  }
  /** The sum over all samples of that name that carry these labels; 0 when there is none. */
  sum(name: string, labels: Record<string, string> = {}): number {
    return this.samples
      .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
      .reduce((sum, one) => sum + one.value, 0);
  }
  has(name: string): boolean {
    return this.samples.some((one) => one.name === name || one.name === `${name}_count`);
  }
}
