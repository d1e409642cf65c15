// One wait at a time: a new one takes the place of the one before.
import type { Clock } from "./types.js";

export class Timer {
  #clock;
  #timer: unknown;
  #due = Infinity;
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(ms: number, work: () => void): void {
    this.clear();
    this.#due = this.#clock.now() + ms;
    this.#timer = this.#clock.setTimeout(() => {
      this.#due = Infinity;
      work();
    }, ms);
  }
  /** The same, unless the present wait ends before that. */
  sooner(ms: number, work: () => void): void {
    if (this.#clock.now() + ms < this.#due) this.set(ms, work);
  }
  clear(): void {
    this.#due = Infinity;
    this.#clock.clearTimeout(this.#timer);
  }
}
