// One user in bad weather: a client behind a proxy of its own, the faults of its seed, and a person who clicks.
import { eventually } from "../../../../tests/system/harness/patience";
import { Random } from "../../../../tests/system/harness/random";
import type { Scene } from "../../../../tests/system/harness/scene";
import type { Clock } from "../../packages/client/src/types";
import { App, Kept } from "../support/app";
import { ChaosProxy } from "../support/chaos_proxy";
import { difference, truthOf } from "../support/truth";

const equalWithinMs = 5_000;
/** Errors that an app may be told in such weather; any other is a fault of the client. */
const expectedErrors = new Set(["rest", "token", "closed", "storage"]);

/** A device that sleeps: its timers stand still, and are due all at once when it wakes. */
class SleepyClock implements Clock {
  asleep = false;
  #due = new Map<unknown, () => void>();
  now() {
    return performance.now();
  }
  setTimeout(work: () => void, ms: number) {
    const timer = setTimeout(() => {
      if (this.asleep) this.#due.set(timer, work);
      else work();
    }, ms);
    return timer;
  }
  clearTimeout(timer: unknown) {
    clearTimeout(timer as Timer);
    this.#due.delete(timer);
  }
  wake() {
    this.asleep = false;
    for (const [timer, work] of this.#due) if (this.#due.delete(timer)) work();
  }
}

export class Sailor {
  readonly clock = new SleepyClock();
  readonly user: string;
  readonly random: Random;
  readonly suffered: string[] = [];
  readonly storage = new Kept();
  app!: App;
  proxy!: ChaosProxy;
  changes = 0;
  failedChanges = 0;
  heard = 0;
  errors = 0;
  tokensAway = false;
  storageAway = false;
  constructor(
    readonly scene: Scene,
    readonly seed: number,
  ) {
    this.user = `sailor-${seed}`;
    this.random = new Random(seed);
  }

  async board() {
    this.proxy = await ChaosProxy.start(() =>
      this.scene.instances.filter((one) => one.running).map((one) => one.address),
    );
    await this.open();
  }
  /** A page is opened: with what the one before has kept. */
  async open() {
    this.app = this.create(this.user);
    this.app.client.start();
  }
  private create(user: string) {
    return new App({
      url: this.proxy.url,
      user,
      clock: this.clock,
      pingEveryMs: 1_000,
      pongWithinMs: 1_000,
      checkEveryMs: 2_000,
      pageSize: 5 + this.random.below(20),
      ack: this.random.chance(0.5),
      storage: {
        getItem: (key) => this.storage.getItem(key),
        setItem: (key, value) => {
          if (this.storageAway) throw new Error("quota");
          this.storage.setItem(key, value);
        },
      },
      token: async () => {
        if (this.tokensAway) throw new Error("identity is away");
        return this.scene.stack.issuer.token({ userId: user }, { exp: Math.floor(Date.now() / 1000) + 10 });
      },
    });
  }
  close() {
    this.app.client.stop();
    this.check();
    this.heard += this.app.notifications.length;
    this.errors += this.app.errors.length;
  }
  check() {
    const ids = this.app.notifications.map(({ notification }) => notification.id);
    if (new Set(ids).size !== ids.length)
      throw new Error(`${this.user} was told something twice after ${this.suffered}: ${ids}`);
    const strange = this.app.errors.filter(({ code }) => !expectedErrors.has(code));
    if (strange.length > 0)
      throw new Error(
        `${this.user} after ${this.suffered}: ${strange.map(({ code, message }) => `${code}: ${message}`).join("; ")}`,
      );
  }

  /** A person who clicks. */
  async click() {
    const { inbox } = this.app.client;
    const { items } = inbox.snapshot;
    const what = this.random.below(5);
    if (what === 4) return inbox.loadMore().catch(() => undefined);
    if (items.length === 0) return;
    const { id } = this.random.of(items);
    ++this.changes;
    const change =
      what === 0
        ? inbox.markRead(id)
        : what === 1
          ? inbox.markUnread(id)
          : what === 2
            ? inbox.archive(id)
            : inbox.markAllRead();
    await change.catch(() => {
      ++this.failedChanges;
    });
  }

  /** The same person at another device, whose line is good: straight at an instance. */
  async clickElsewhere() {
    const [row] = await this.scene.database.query(
      `SELECT r.notification_id::text AS id
      FROM signal."ActivityInbox" i JOIN signal."ActivityNotificationRecipient" r USING (user_no)
      WHERE i.user_id = $1 ORDER BY r.seq DESC OFFSET $2 LIMIT 1`,
      [this.user, this.random.below(6)],
    );
    const instance = this.scene.instances.find((one) => one.running);
    if (!row || !instance) return;
    const [method, path, body] = this.random.of<[string, string, object]>([
      ["PATCH", `/${row.id}`, { read: true }],
      ["PATCH", `/${row.id}`, { read: false }],
      ["PATCH", `/${row.id}`, { archived: true }],
      ["PATCH", `/${row.id}`, { archived: false }],
      ["POST", "/read", { ids: [row.id] }],
    ]);
    const token = await this.scene.stack.issuer.token({ userId: this.user });
    await fetch(`${instance.http}/v1/notifications${path}`, {
      method,
      signal: AbortSignal.timeout(1_000),
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    }).catch(() => undefined); // that instance may be killed meanwhile
  }

  /** One fault from begin to end. */
  async suffer() {
    const { proxy, random } = this;
    const ms = 200 + random.below(1_500);
    const faults: Record<string, () => Promise<void>> = {
      cut: async () => {
        for (let n = 1 + random.below(3); n > 0; --n) {
          proxy.cut();
          await Bun.sleep(ms / 3);
        }
      },
      stall: async () => {
        proxy.stall();
        await Bun.sleep(ms);
        proxy.resume();
      },
      silence: async () => {
        proxy.silence();
        await Bun.sleep(ms);
      },
      refuse: async () => {
        proxy.refusing = true;
        proxy.cut();
        await Bun.sleep(ms);
        proxy.refusing = false;
      },
      mute: async () => {
        proxy.mute = true;
        proxy.cut();
        await Bun.sleep(ms);
        proxy.mute = false;
        proxy.cut();
      },
      reload: async () => {
        this.close();
        await Bun.sleep(ms);
        await this.open();
      },
      identity: async () => {
        this.tokensAway = true;
        proxy.cut();
        await Bun.sleep(ms);
        this.tokensAway = false;
      },
      storage: async () => {
        this.storageAway = true;
        await Bun.sleep(ms);
        this.storageAway = false;
      },
      wake: async () => {
        for (let n = 0; n < 5; ++n) {
          this.app.client.wake();
          await Bun.sleep(ms / 5);
        }
      },
      asleep: async () => {
        this.clock.asleep = true;
        proxy.silence();
        await Bun.sleep(ms);
        this.clock.wake();
      },
      // Somebody else signs in, with the same storage, and leaves again.
      switched: async () => {
        this.close();
        const other = this.create(`${this.user}-other`);
        other.client.start();
        await Bun.sleep(ms);
        if (other.titles.length > 0) throw new Error(`${this.user}: another user sees ${other.titles}`);
        other.client.stop();
        await this.open();
      },
      calm: async () => {
        await Bun.sleep(ms);
      },
    };
    const name = random.of(Object.keys(faults));
    this.suffered.push(name);
    await faults[name]!();
    this.app.client.wake(); // as the platform says when it is back
  }

  get last() {
    return `seed ${this.seed}: ${this.suffered.at(-2)} ${this.suffered.at(-1)}`;
  }
  /** How long it took until the inbox was what the rows are. */
  async settle(): Promise<number> {
    const began = performance.now();
    let said: string | null = "";
    await eventually(
      async () => (said = difference(this.app, await truthOf(this.scene.database, this.user))) === null,
      equalWithinMs,
      () => `seed ${this.seed} after ${this.suffered.join(", ")}: ${said}; ${this.app.told()}`,
    );
    this.check();
    return performance.now() - began;
  }
}
