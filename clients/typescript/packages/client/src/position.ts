// Up to which seq this user has everything, and of which epoch: docs/protocol.md#catch-up. It moves over contiguous seq
// only.
import type { PositionStorage } from "./types.js";

export class Position {
  /** Every seq up to here was had; undefined while there is no position. */
  seq: number | undefined;
  epoch: string | undefined;
  /** The largest seq that was heard of. */
  top = 0;
  #ahead = new Set<number>();
  #saving = false;
  #key;
  #storage: PositionStorage | null;
  #onError;

  constructor(key: string, storage: PositionStorage | null, onError: (cause: unknown) => void) {
    this.#key = key;
    this.#storage = storage;
    this.#onError = onError;
  }

  /** Takes the position that was kept, unless there is one already. A text that cannot be read is written over. */
  async load(): Promise<void> {
    let text;
    try {
      text = await this.#storage?.getItem(this.#key);
    } catch (cause) {
      this.#fail(cause);
    }
    try {
      const { seq, epoch } = JSON.parse(text!);
      if (Number.isSafeInteger(seq) && seq >= 0 && this.seq === undefined) {
        this.epoch = epoch;
        this.move(seq);
      }
    } catch {
      /* none */
    }
  }

  /** For `authenticate`. */
  get since(): { since?: number; epoch?: string } {
    return this.seq === undefined ? {} : { since: this.seq, ...(this.epoch ? { epoch: this.epoch } : {}) };
  }

  has(seq: number): boolean {
    return seq <= this.seq! || this.#ahead.has(seq);
  }

  /** True when something before this seq, or before one that was heard earlier, is missing. */
  hear(seq: number): boolean {
    this.top = Math.max(this.top, seq);
    if (!this.has(seq)) this.#ahead.add(seq);
    if (this.seq === undefined) return false;
    this.move(this.seq);
    return this.#ahead.size > 0;
  }

  /** Everything up to `seq` was had; what was heard beyond may follow on. */
  move(seq: number): void {
    if (seq !== this.seq) for (const one of this.#ahead) if (one <= seq) this.#ahead.delete(one);
    while (this.#ahead.delete(seq + 1)) ++seq;
    this.top = Math.max(this.top, seq);
    this.seq = seq;
    void this.#save();
  }

  /** The inbox is another one than was known. */
  forget(): void {
    this.seq = this.epoch = undefined;
    this.top = 0;
    this.#ahead.clear();
  }

  #text(): string {
    return JSON.stringify({ seq: this.seq, epoch: this.epoch });
  }

  /** Told once: from there on the position is in memory alone. */
  #fail(cause: unknown): void {
    this.#storage = null;
    this.#onError(cause);
  }

  /** One write at a time; what changes meanwhile is written after it. */
  #kept = "";
  async #save(): Promise<void> {
    if (this.#saving || !this.#storage) return;
    this.#saving = true;
    try {
      while (this.#kept !== this.#text()) {
        this.#kept = this.#text();
        await this.#storage.setItem(this.#key, this.#kept);
      }
    } catch (cause) {
      this.#fail(cause);
    }
    this.#saving = false;
  }
}
