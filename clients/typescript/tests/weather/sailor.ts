// One user in bad weather: a device behind a proxy of its own, the faults of its seed, and a person who clicks.
import { eventually } from "../../../../tests/system/harness/patience";
import { Random } from "../../../../tests/system/harness/random";
import type { Scene } from "../../../../tests/system/harness/scene";
import { ChaosProxy } from "../support/chaos_proxy";
import { difference, truthOf } from "../support/truth";
import type { Device, Look } from "./device";
import { faults } from "./faults";
import { PageGone } from "./page_device";

export const equalWithinMs = 5_000;
/** Errors that an app may be told in such weather; any other is a fault of the client. */
const expectedErrors = new Set(["rest", "token", "closed", "storage"]);

/** Makes the device of a user; `token` is its identity service, `host` a loopback address of its own. */
export type MakeDevice = (host: string, token: (user: string) => Promise<string>) => Promise<Device>;

export class Sailor {
  readonly user: string;
  readonly random: Random;
  readonly suffered: string[] = [];
  readonly tokenSeconds = 4;
  device!: Device;
  proxy!: ChaosProxy;
  changes = 0;
  failedChanges = 0;
  heard = 0;
  errors = 0;
  tokensAway = false;
  wrongByMs = 0;
  constructor(
    readonly scene: Scene,
    readonly seed: number,
    name = `sailor-${seed}`,
  ) {
    this.user = name;
    this.random = new Random(seed);
  }

  async board(makeDevice: MakeDevice) {
    const host = `127.1.${(this.seed >> 8) & 255}.${this.seed & 255}`;
    this.proxy = await ChaosProxy.start(
      () => this.scene.instances.filter((one) => one.running).map((one) => one.address),
      host,
    );
    this.device = await makeDevice(host, async (user) => {
      if (this.tokensAway) throw new Error("identity is away");
      const exp = Math.floor(Date.now() / 1000) + this.tokenSeconds;
      return this.scene.stack.issuer.token({ userId: user }, { exp });
    });
    await this.open();
  }
  async leave() {
    await this.close();
    await this.device.end();
    await this.proxy.end();
  }

  async open(user = this.user) {
    await this.device.setClock(this.wrongByMs);
    await this.device.open({
      url: this.proxy.url,
      user,
      pageSize: 5 + this.random.below(20),
      ack: this.random.chance(0.5),
    });
  }
  async close() {
    const look = await this.device.close();
    this.check(look);
    this.heard += look.told.length;
    this.errors += look.errors.length;
  }
  check({ told, errors }: Look) {
    if (new Set(told).size !== told.length)
      throw new Error(`${this.user} was told something twice after ${this.suffered}: ${told}`);
    const strange = errors.filter(({ code }) => !expectedErrors.has(code));
    if (strange.length > 0)
      throw new Error(
        `${this.user} after ${this.suffered}: ${strange.map(({ code, message }) => `${code}: ${message}`).join("; ")}`,
      );
  }

  /** A person who clicks; the page may be closed meanwhile. */
  async click() {
    await this.#click().catch((error) => {
      if (!(error instanceof PageGone)) throw error;
    });
  }
  async #click() {
    const what = this.random.of(["read", "unread", "archive", "all", "more"] as const);
    if (what === "more") return void (await this.device.click({ what }));
    const { items } = (await this.device.look()).snapshot;
    if (items.length === 0) return;
    ++this.changes;
    const done = await this.device.click(what === "all" ? { what } : { what, id: this.random.of(items).id });
    this.failedChanges += done ? 0 : 1;
  }

  /** The same person at another device, whose line is good: straight at an instance. */
  async clickElsewhere() {
    const ask = this.scene.database.query(
      `SELECT r.notification_id::text AS id
      FROM signal."ActivityInbox" i JOIN signal."ActivityNotificationRecipient" r USING (user_no)
      WHERE i.user_id = $1 ORDER BY r.seq DESC OFFSET $2 LIMIT 1`,
      [this.user, this.random.below(6)],
    );
    const [row] = await ask.catch(() => []); // while a backup is restored there are no tables
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
  async suffer(name = this.random.of(Object.keys(faults))) {
    this.suffered.push(name);
    await faults[name]!(this, 200 + this.random.below(1_500));
    await this.device.resume(); // as the platform says when it is back
  }

  get last() {
    return `seed ${this.seed}: ${this.suffered.at(-2)} ${this.suffered.at(-1)}`;
  }
  /** Waits until the inbox is what the rows are; resolves with how long that took. */
  async settle(): Promise<number> {
    const began = performance.now();
    let said: string | null = "";
    let look!: Look;
    await eventually(
      async () => {
        look = await this.device.look();
        return (said = difference(look.snapshot, await truthOf(this.scene.database, this.user))) === null;
      },
      equalWithinMs,
      () =>
        `seed ${this.seed} after ${this.suffered.join(", ")}: ${said}; ` +
        JSON.stringify({ statuses: look.statuses, errors: look.errors }),
    );
    this.check(look);
    return performance.now() - began;
  }
  async live() {
    await eventually(
      async () => (await this.device.look()).statuses.at(-1)?.state === "live",
      equalWithinMs,
      `the page of seed ${this.seed} to be live`,
    );
  }
  /** Waits until the page is live and its app was told of this notification. */
  async hears(title: string) {
    let look!: Look;
    await eventually(
      async () => {
        look = await this.device.look();
        const id = look.snapshot.items.find((one) => one.title === title)?.id;
        return look.statuses.at(-1)?.state === "live" && id !== undefined && look.told.includes(id);
      },
      equalWithinMs,
      () =>
        `seed ${this.seed} after ${this.suffered.join(", ")}: ${title} to be told; ` +
        JSON.stringify({ statuses: look.statuses, errors: look.errors }),
    );
  }
}
