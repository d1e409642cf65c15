// An app: a client that notes everything it is told, and a token provider that a test can bend.
import {
  createSignal,
  type NotificationEvent,
  type Signal as Client,
  type SignalError,
  type SignalOptions,
  type SignalStatus,
} from "../../packages/client/src/index";
import { until } from "../../../../tests/system/support/signal";

export class Kept {
  readonly items = new Map<string, string>();
  getItem(key: string) {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.items.set(key, value);
  }
}

export class App {
  readonly notifications: NotificationEvent[] = [];
  readonly errors: SignalError[] = [];
  readonly statuses: SignalStatus[] = [];
  readonly storage = new Kept();
  readonly client: Client;
  constructor(options: Omit<SignalOptions, "storage"> & Pick<Partial<SignalOptions>, "storage">) {
    this.client = createSignal({ storage: this.storage, shareTabs: false, ...options });
    this.client.on("notification", (event) => this.notifications.push(event));
    this.client.on("error", (error) => this.errors.push(error));
    this.client.on("status", (status) => this.statuses.push(status));
  }

  get titles() {
    return this.client.inbox.snapshot.items.map((one) => one.title);
  }
  get heard() {
    return this.notifications.map((one) => one.notification.title);
  }
  get unread() {
    return this.client.inbox.snapshot.unread;
  }

  /** Starts and waits for frames and rows. */
  async live(): Promise<this> {
    this.client.start();
    await until(
      () => this.client.status.state === "live" && this.client.inbox.snapshot.ready,
      10_000,
      `the client to be live: ${this.told()}`,
    );
    return this;
  }
  async waitTitles(titles: string[]) {
    await until(
      () => JSON.stringify(this.titles) === JSON.stringify(titles),
      10_000,
      `${JSON.stringify(titles)}`,
    ).catch((error) => {
      throw new Error(`${error.message}; has ${this.told()}`);
    });
  }
  async waitHeard(title: string) {
    await until(() => this.heard.includes(title), 10_000, `the notification ${title}`).catch((error) => {
      throw new Error(`${error.message}; has ${this.told()}`);
    });
  }
  async waitState(state: SignalStatus["state"]) {
    await until(() => this.client.status.state === state, 10_000, state).catch((error) => {
      throw new Error(`${error.message}; has ${this.told()}`);
    });
  }
  told() {
    return JSON.stringify({
      titles: this.titles,
      unread: this.unread,
      statuses: this.statuses,
      errors: this.errors.map((one) => `${one.code}: ${one.message}`),
    });
  }
}
