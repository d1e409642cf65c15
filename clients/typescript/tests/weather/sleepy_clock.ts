// The clock of a device that sleeps: its timers stand still, and are due all at once when it wakes.
import type { Clock } from "../../packages/client/src/types";

export class SleepyClock implements Clock {
  asleep = false;
  #ahead = 0;
  #pending = new Map<unknown, { at: number; work: () => void; due: boolean }>();

  now() {
    return performance.now() + this.#ahead;
  }
  setTimeout(work: () => void, ms: number) {
    const timer = setTimeout(() => {
      const one = this.#pending.get(timer);
      if (one && this.asleep) one.due = true;
      else if (this.#pending.delete(timer)) work();
    }, ms);
    this.#pending.set(timer, { at: this.now() + ms, work, due: false });
    return timer;
  }
  clearTimeout(timer: unknown) {
    clearTimeout(timer as number);
    this.#pending.delete(timer);
  }

  /** `ms`: how much longer the sleep was than it took here. */
  wake(ms: number) {
    this.asleep = false;
    this.#ahead += ms;
    const due = [...this.#pending].filter(([, { at, due }]) => due || at <= this.now());
    for (const [timer, { work }] of due.sort(([, a], [, b]) => a.at - b.at)) {
      clearTimeout(timer as number);
      if (this.#pending.delete(timer)) work();
    }
  }
}
