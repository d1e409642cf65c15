// The others: users of small organisations with a live socket each, payments for them all the time, and what they ask
// of REST. While a neighbour is busy they measure how long each took, from the record to the frame and from the request
// to the answer.
import type { Producer } from "kafkajs";
import { Till } from "../../../bench/bus/till";
import type { Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Scene } from "../harness/scene";
import { World } from "../harness/world";

export type Load = { users: number; messagesASecond: number; requestsASecond: number };
export type Figures = {
  frames: number[];
  answers: number[];
  unavailable: number;
  otherwise: Map<number, number>;
  unheard: number;
  twice: number;
};

const usersOfOne = 10; // of an organisation

export const bystander = (n: number) => `bystander-${n}`;
export function worldOf(load: Load): World {
  const world = new World();
  for (let n = 0; n < load.users; ++n) world.join(bystander(n), "Organizer", `small-${Math.floor(n / usersOfOne)}`);
  return world;
}

/** Of a list of milliseconds. */
export function percentile(sorted: number[], share: number): number {
  return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export class Bystanders {
  private readonly sent = new Map<string, { at: number; heard: Set<string> }>();
  private figures: Figures = Bystanders.none();
  private number = 0;
  private constructor(
    private readonly scene: Scene,
    private readonly producer: Producer,
    private readonly load: Load,
    private readonly tills: Till[],
    private readonly tokens: string[],
  ) {}

  static async open(scene: Scene, load: Load): Promise<Bystanders> {
    const tokens = await Promise.all(
      Array.from({ length: load.users }, (_, n) =>
        scene.stack.issuer.token({ userId: bystander(n), exp: Math.floor(Date.now() / 1000) + 86_400 }),
      ),
    );
    const tills = tokens.map((_, n) => new Till(bystander(n)));
    const one = new Bystanders(scene, await scene.stack.kafka.producer(), load, tills, tokens);
    await Promise.all(tills.map((till, n) => till.connect(one.at(n).ws, tokens[n]!)));
    for (const till of tills)
      till.onFrame = (event, data) => {
        if (event === "observation/signal/notification/created") one.hear(till.user, data);
      };
    return one;
  }

  /** Loads the program for so long and waits until everything that was sent has come, or will never. */
  async measure(seconds: number): Promise<Figures> {
    this.figures = Bystanders.none();
    this.sent.clear();
    const ends = performance.now() + seconds * 1000;
    await Promise.all([this.pay(ends), this.ask(ends)]);
    const missing = () => [...this.sent.values()].reduce((sum, message) => sum + usersOfOne - message.heard.size, 0);
    await eventually(() => missing() === 0, 12_000, "the last hints").catch(() => undefined); // counted
    this.figures.unheard = missing();
    this.figures.frames.sort((a, b) => a - b);
    this.figures.answers.sort((a, b) => a - b);
    return this.figures;
  }

  closed(): string[] {
    return this.tills.filter((till) => till.closed).map((till) => `${till.user} ${till.closed!.code}`);
  }
  async close(): Promise<void> {
    for (const till of this.tills) till.close();
    await this.producer.disconnect();
  }

  private static none(): Figures {
    return { frames: [], answers: [], unavailable: 0, otherwise: new Map(), unheard: 0, twice: 0 };
  }
  /** The instance of that user. */
  private at(n: number): Instance {
    return this.scene.instances[n % 2]!;
  }

  private hear(user: string, data: { title: string }) {
    const message = this.sent.get(data.title);
    if (!message) return;
    if (message.heard.has(user)) {
      ++this.figures.twice;
      return;
    }
    message.heard.add(user);
    this.figures.frames.push(performance.now() - message.at);
  }

  /** At its rate whatever the answers take: a program that slows down gets no less. */
  private async steadily(ends: number, aSecond: number, one: (n: number) => Promise<void>): Promise<void> {
    const under_way = new Set<Promise<void>>();
    const began = performance.now();
    for (let n = 0; performance.now() < ends; ++n) {
      const due = began + (n * 1000) / aSecond;
      if (due > performance.now()) await Bun.sleep(due - performance.now());
      const doing = one(n).finally(() => under_way.delete(doing));
      under_way.add(doing);
    }
    await Promise.all(under_way);
  }

  private pay(ends: number): Promise<void> {
    const organisations = this.load.users / usersOfOne;
    return this.steadily(ends, this.load.messagesASecond, async () => {
      const n = ++this.number;
      const title = `payment ${n}`;
      const partition = n % this.scene.partitions;
      this.sent.set(title, { at: performance.now(), heard: new Set() });
      const value = JSON.stringify({
        recipientScope: "org",
        organizerId: `small-${n % organisations}`,
        type: "payment.success",
        title,
        id: `bystanders-${n}`,
        data: { amount: n },
      });
      await this.producer.send({ topic: this.scene.place.topic, acks: 1, messages: [{ partition, value }] });
    });
  }

  private ask(ends: number): Promise<void> {
    const paths: [method: string, path: string, body?: string][] = [
      ["GET", "/v1/notifications"],
      ["GET", "/v1/notifications/unread-count"],
      ["GET", "/v1/notifications?unread=true"],
      ["POST", "/v1/notifications/read", `{"all":true}`],
    ];
    return this.steadily(ends, this.load.requestsASecond, async (n) => {
      const user = n % this.load.users;
      const [method, path, body] = paths[n % paths.length]!;
      const began = performance.now();
      const status = await fetch(this.at(user).http + path, {
        method,
        body,
        headers: {
          authorization: `Bearer ${this.tokens[user]}`,
          ...(body ? { "content-type": "application/json" } : {}),
        },
      }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => 0,
      );
      this.figures.answers.push(performance.now() - began);
      if (status === 503) ++this.figures.unavailable;
      else if (status !== 200) this.figures.otherwise.set(status, (this.figures.otherwise.get(status) ?? 0) + 1);
    });
  }
}
