// The device whose page runs where this code runs. `Platform` is what differs between a process and a browser.
import type { createSignal, Signal } from "../../packages/client/src/index";
import type { PositionStorage } from "../../packages/client/src/types";
import type { Click, Device, Look, PageOptions, StorageState } from "./device";
import { SleepyClock } from "./sleepy_clock";

export interface Platform {
  createSignal: typeof createSignal;
  /** Undefined: the client's own choice. */
  storage: PositionStorage | undefined;
  token: (user: string) => Promise<string>;
  resume(client: Signal): void;
  setClock(wrongByMs: number): void;
  setStorage(state: StorageState): void;
}

type Heard = Pick<Look, "told" | "errors" | "statuses">;

export class LocalDevice implements Device {
  #platform;
  #clock = new SleepyClock();
  #client: Signal | undefined;
  #heard: Heard = { told: [], errors: [], statuses: [] };
  constructor(platform: Platform) {
    this.#platform = platform;
  }

  async open({ user, ...options }: PageOptions): Promise<void> {
    const { createSignal, storage, token } = this.#platform;
    this.#clock = new SleepyClock();
    // Its own: a client that was stopped may still have an answer under way.
    const heard: Heard = (this.#heard = { told: [], errors: [], statuses: [] });
    const client = (this.#client = createSignal({
      ...options,
      ...(storage ? { storage } : {}),
      user,
      token: () => token(user),
      shareTabs: false,
      clock: this.#clock,
      pingEveryMs: 1_000,
      pongWithinMs: 1_000,
      checkEveryMs: 2_000,
    }));
    client.on("notification", ({ notification }) => heard.told.push(notification.id));
    client.on("error", ({ code, message }) => heard.errors.push({ code, message }));
    client.on("status", (status) => heard.statuses.push(status));
    client.start();
  }
  async close(): Promise<Look> {
    this.#client!.stop();
    return this.look();
  }
  async look(): Promise<Look> {
    return {
      snapshot: this.#client?.inbox.snapshot ?? { items: [], unread: 0, hasMore: false, ready: false },
      ...this.#heard,
      statuses: this.#heard.statuses.slice(-20),
    };
  }

  async click(click: Click): Promise<boolean> {
    if (!this.#client) return false; // the page is there, and its app not yet
    const { inbox } = this.#client;
    const changes = {
      read: (id: string) => inbox.markRead(id),
      unread: (id: string) => inbox.markUnread(id),
      archive: (id: string) => inbox.archive(id),
      all: () => inbox.markAllRead(),
      more: () => inbox.loadMore(),
    };
    return changes[click.what]("id" in click ? click.id : "").then(
      () => true,
      () => false,
    );
  }
  async resume() {
    if (this.#client) this.#platform.resume(this.#client);
  }
  async sleep() {
    this.#clock.asleep = true;
  }
  async wake(longerMs: number) {
    this.#clock.wake(longerMs);
  }
  async setClock(wrongByMs: number) {
    this.#platform.setClock(wrongByMs);
  }
  async setStorage(state: StorageState) {
    this.#platform.setStorage(state);
  }
  async end() {}
}
