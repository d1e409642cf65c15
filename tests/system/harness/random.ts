// A small deterministic generator (mulberry32): a run with the same seed makes the same choices.
export class Random {
  private state: number;
  constructor(readonly seed: number) {
    this.state = seed | 0;
  }
  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  chance(share: number): boolean {
    return this.next() < share;
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** SIGNAL_FAULT_SEED, or one from the clock; a test prints it. */
export const givenSeed = (): number => Number(process.env.SIGNAL_FAULT_SEED ?? Date.now() % 1_000_000);
