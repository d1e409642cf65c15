// One wait at a time: a new one takes the place of the one before.
import type { Clock } from "./types.js";

export class Timer {
  #clock;
  #timer: unknown;
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(ms: number, work: () => void): void {
    this.clear();
    this.#timer = this.#clock.setTimeout(work, ms);
  }
  clear(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}
