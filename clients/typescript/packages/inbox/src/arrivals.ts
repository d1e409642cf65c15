// Notifications that wait until it is decided which tab shows them. The tab that the user looks at is asked first.
import type { Notification } from "@nx-signal/client";

export interface ArrivalsOptions {
  /** The milliseconds until this tab claims them; undefined while it shows nothing. */
  delay: () => number | undefined;
  /** Those of the ids that this tab has got. */
  claim: (ids: string[]) => Promise<Set<string>>;
  /** In the order of their arrival. */
  show: (notifications: Notification[]) => void;
}

/** Older ones are dropped: they are in the inbox, and toasts of hundreds are of no use. */
const mostWaiting = 200;

export class Arrivals {
  #options: ArrivalsOptions;
  #waiting: Notification[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  add(notification: Notification): void {
    this.#waiting.push(notification);
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
    this.look();
  }

  /** The delay may have changed: the tab is looked at, or is not any more. */
  look(): void {
    const delay = this.#options.delay();
    if (this.#timer !== undefined || delay === undefined || this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#claim();
    }, delay);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  async #claim(): Promise<void> {
    if (this.#options.delay() === undefined) return;
    const waiting = this.#waiting.splice(0);
    const won = await this.#options.claim(waiting.map(({ id }) => id));
    const mine = waiting.filter(({ id }) => won.has(id));
    if (mine.length > 0) this.#options.show(mine);
  }
}
