// Direct pushes as other services publish them, a steady number a second over a few connections, each written in its
// clients' ledgers first.
import { eventually } from "../../tests/system/harness/patience";
import type { Random } from "../../tests/system/harness/random";
import { Ledger, type Entry } from "./ledger";
import type { Pipeline } from "./pipeline";
import type { Till } from "./till";

export const pushed = "bench/push";
const texts = Array.from({ length: 8 }, (_, n) => "x".repeat(20 << n)); // 20 bytes to 2.5 KiB

/** Publishes to each room until every member has heard it: a join looks memberships up, and is answered by nothing.
 *  A till is in one room. */
export async function everybodyIn(rooms: Map<string, Till[]>, publisher: Pipeline): Promise<void> {
  const outside = new Set([...rooms.values()].flat());
  for (const till of outside)
    till.onFrame = (event) => {
      if (event === "bench/room") outside.delete(till);
    };
  await eventually(
    async () => {
      await publisher.publish(
        [...rooms.keys()].map((target) => ({
          channel: `ws:room:${target}`,
          message: JSON.stringify({ serverId: "emitter", type: "room", target, event: "bench/room" }),
        })),
      );
      await Bun.sleep(50);
      return outside.size === 0;
    },
    10_000,
    () => `everybody to be in their room; ${outside.size} are not`,
  );
}

/** Each as a part of all pushes; the rest goes to users. */
export type Mix = { rooms: number; clients: number; broadcasts: number };

/** Who there is, and the ledger of each. */
export class Audience {
  readonly ledgers = new Map<Till, Ledger>();
  readonly byUser = new Map<string, Till[]>();
  readonly users: string[];

  constructor(
    readonly tills: Till[],
    readonly rooms: Map<string, Till[]>,
    publishers: number,
  ) {
    for (const till of tills) {
      const ledger = new Ledger(publishers);
      this.ledgers.set(till, ledger);
      this.byUser.set(till.user, [...(this.byUser.get(till.user) ?? []), till]);
      till.onFrame = (event, data) => {
        if (event === pushed) ledger.hear(data.p, data.n);
      };
    }
    this.users = [...this.byUser.keys()];
  }

  sum(take: (ledger: Ledger) => number): number {
    return [...this.ledgers.values()].reduce((sum, ledger) => sum + take(ledger), 0);
  }
  /** What somebody has not heard, and how many have not. */
  unheard(): (Entry & { by: Till[] })[] {
    const found = new Map<number, Entry & { by: Till[] }>();
    for (const [till, ledger] of this.ledgers) {
      for (const entry of ledger.unheard)
        found.set(entry.number, { ...entry, by: [...(found.get(entry.number)?.by ?? []), till] });
    }
    return [...found.values()].sort((a, b) => a.number - b.number);
  }
  closed(): string[] {
    return this.tills
      .filter((till) => till.closed)
      .map((till) => `${till.user} ${till.closed!.code} ${till.closed!.reason}`);
  }
}

export class Pushes {
  sent = 0;
  private stopped = false;

  constructor(
    private readonly audience: Audience,
    private readonly publishers: Pipeline[],
    private readonly random: Random,
    private readonly mix: Mix,
  ) {}

  /** Until stop(), or until so many are sent. Behind its time it sends more at once, at most a quarter of a second's
   *  worth. */
  async run(rate: number, upTo = Infinity): Promise<void> {
    let due = 0,
      last = performance.now();
    while (!this.stopped && this.sent < upTo) {
      await Bun.sleep(10);
      const now = performance.now();
      due = Math.min(due + ((now - last) * rate) / 1000, rate / 4, upTo - this.sent);
      last = now;
      // Evenly over the connections, what is left over to the first ones.
      const count = Math.floor(due),
        even = Math.floor(count / this.publishers.length),
        over = count % this.publishers.length;
      due -= count;
      await Promise.all(
        this.publishers.map((connection, publisher) => {
          const messages = Array.from({ length: even + (publisher < over ? 1 : 0) }, () => this.next(publisher));
          return messages.length > 0 ? connection.publish(messages) : undefined;
        }),
      );
    }
  }
  stop() {
    this.stopped = true;
  }

  private next(publisher: number): { channel: string; message: string } {
    const { audience, random, mix } = this;
    const n = ++this.sent;
    const data = { p: publisher, n, text: random.of(texts.slice(0, random.chance(0.02) ? 8 : 4)) };
    const publish = (channel: string, to: object, tills: Iterable<Till>) => {
      for (const till of tills) audience.ledgers.get(till)!.expect(publisher, { number: n, channel });
      return { channel, message: JSON.stringify({ serverId: "emitter", ...to, event: pushed, data }) };
    };
    if (random.chance(mix.broadcasts)) {
      const left = random.of(audience.tills);
      return publish(
        "ws:broadcast",
        { type: "broadcast", exclude: [left.id] },
        audience.tills.filter((till) => till !== left),
      );
    }
    if (random.chance(mix.rooms)) {
      const room = random.of([...audience.rooms.keys()]);
      return publish(`ws:room:${room}`, { type: "room", target: room }, audience.rooms.get(room)!);
    }
    if (random.chance(mix.clients)) {
      const till = random.of(audience.tills);
      return publish(`ws:client:${till.id}`, { type: "client", target: till.id }, [till]);
    }
    const user = random.of(audience.users);
    return publish(`ws:user:${user}`, { type: "user", target: user }, audience.byUser.get(user)!);
  }
}
