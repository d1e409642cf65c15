// One wait at a time.
import type { Clock } from "./types.js";

export class Timer {
  #clock;
  #timer: unknown;
  #due = Infinity;
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the place of the present wait, unless that ends first: who asks again and again postpones nothing. */
  set(ms: number, work: () => void): void {
    const due = this.#clock.now() + ms;
    if (due >= this.#due) return;
    this.clear();
    this.#due = due;
    this.#timer = this.#clock.setTimeout(() => {
      this.#due = Infinity;
      work();
    }, ms);
  }
  clear(): void {
    this.#due = Infinity;
    this.#clock.clearTimeout(this.#timer);
  }
}
