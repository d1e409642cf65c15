// What is wrong with a client at the moment, from its events.
import type { Signal, SignalErrorCode } from "@nx-signal/client";
import { troubleOf, type Trouble } from "./trouble.js";

/** A shorter gap in the connection is not shown. */
const lateAfterMs = 3_000;

export class Condition {
  #signal: Signal<any>;
  #onChange;
  #error: SignalErrorCode | undefined;
  #late = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #offs: (() => void)[];

  constructor(signal: Signal<any>, onChange: () => void) {
    this.#signal = signal;
    this.#onChange = onChange;
    this.#offs = [
      signal.on("status", () => this.#look()),
      signal.on("error", (error) => {
        // The client itself writes an error to the console only when nobody listens.
        console.warn(error);
        if (["rest", "token", "user"].includes(error.code)) this.#error = error.code;
        onChange();
      }),
      // The client tells the first error of a series, and changes when it is over.
      signal.inbox.subscribe(() => {
        if (this.#error === "rest" || signal.status.state === "live") this.#error = undefined;
      }),
    ];
    this.#look();
  }

  get trouble(): Trouble | undefined {
    const secure = !!globalThis.crypto?.subtle;
    return troubleOf({ status: this.#signal.status, late: this.#late, error: this.#error, secure });
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const off of this.#offs) off();
  }

  #look(): void {
    if (this.#signal.status.state === "live") {
      clearTimeout(this.#timer);
      this.#timer = this.#error = undefined;
      this.#late = false;
    } else
      this.#timer ??= setTimeout(() => {
        this.#late = true;
        this.#onChange();
      }, lateAfterMs);
    this.#onChange();
  }
}
