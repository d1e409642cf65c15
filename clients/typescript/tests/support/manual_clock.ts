// Time that a test moves. What is asynchronous beside it (WebCrypto, promises) is waited for by `settle`.
import type { Clock } from "../../packages/client/src/types";

export class ManualClock implements Clock {
  time = 0;
  /** `quiet`: waits for what the test has under way outside of this clock. */
  constructor(private readonly quiet: () => Promise<void> = settle) {}
  #timers = new Map<object, { at: number; work: () => void }>();
  now() {
    return this.time;
  }
  setTimeout(work: () => void, ms: number) {
    const key = {};
    this.#timers.set(key, { at: this.time + ms, work });
    return key;
  }
  clearTimeout(key: unknown) {
    this.#timers.delete(key as object);
  }
  /** Waits from now, the shortest first. */
  get waits() {
    return [...this.#timers.values()].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  async advance(ms: number) {
    const end = this.time + ms;
    for (;;) {
      await this.quiet();
      const next = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next[0]);
      this.time = next[1].at;
      next[1].work();
    }
    this.time = end;
    await this.quiet();
  }
}

/** WebCrypto works on threads of its own: a few turns of the loop, and a moment each. */
export async function settle() {
  for (let n = 0; n < 8; ++n) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Enough where there are only promises. */
export async function turns() {
  for (let n = 0; n < 60; ++n) await Promise.resolve();
}
