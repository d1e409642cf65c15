// The full history of a run: what was produced and where Kafka put it, and what must come of it. At the end the tables,
// the counters and each client's log are held against it.
import { expect } from "bun:test";
import type { Producer } from "kafkajs";
import { patience } from "../support/signal";
import type { Database, StoredNotification } from "./database";
import type { Instance } from "./instance";
import { eventually } from "./patience";
import type { StreamClient } from "./stream_client";
import type { Scope, World } from "./world";

// no title: poison, or nothing
export type Message = {
  value: string;
  title: string | null;
  recipients: Set<string> | null;
  partition: number;
  headers?: Record<string, string>;
};
export type Sent = Message & { source: string; offset: bigint; at: number };

export class History {
  readonly sent: Sent[] = [];
  // by title, which is unique to a notification
  readonly expected = new Map<string, { recipients: Set<string>; sources: Set<string> }>();
  poison = 0;
  repeated = 0;
  private made = 0;

  constructor(
    readonly topic: string,
    readonly world: World,
    readonly partitions: number,
  ) {}

  /** A good message: what it says, and who must get it. `id` is its idempotency key, of the message's own type. */
  good(scope: Scope, more: Record<string, unknown> = {}, partition = this.made % this.partitions): Message {
    const title = `n${++this.made} ${body.slice(0, 12)}`;
    const value = JSON.stringify({
      ...scope,
      type: "payment.success",
      title,
      body: `${body} ${this.made}`,
      data: { order: this.made, note: body },
      ...more,
    });
    return { value, title, recipients: this.world.audience(scope), partition };
  }
  /** Somebody produces the same once more: the same id, so nothing must come of it. */
  again(message: Message, partition: number): Message {
    ++this.repeated;
    return { ...message, partition };
  }
  /** What can never be handled. */
  bad(value: string, partition: number): Message {
    ++this.poison;
    return { value, title: null, recipients: null, partition };
  }

  /** Produces and remembers where everything landed. */
  async produce(producer: Producer, messages: Message[], time = Date.now()): Promise<Sent[]> {
    const timestamp = String(time);
    const answers = await producer.send({
      topic: this.topic,
      acks: -1,
      timeout: 5_000,
      messages: messages.map(({ value, partition, headers }) => ({ value, partition, headers, timestamp })),
    });
    const next = new Map(answers.map((answer) => [answer.partition, BigInt(answer.baseOffset!)]));
    const landed: Sent[] = [];
    for (const message of messages) {
      const offset = next.get(message.partition)!;
      next.set(message.partition, offset + 1n);
      const one = {
        ...message,
        offset,
        source: `${this.topic}/${message.partition}/${offset}/${timestamp}`,
        at: performance.now(),
      };
      landed.push(one);
      this.sent.push(one);
      if (message.title === null) continue;
      const known = this.expected.get(message.title) ?? { recipients: message.recipients!, sources: new Set<string>() };
      known.sources.add(one.source);
      this.expected.set(message.title, known);
    }
    return landed;
  }

  rowsExpected(): number {
    return [...this.expected.values()].reduce((sum, one) => sum + one.recipients.size, 0);
  }

  async waitStored(database: Database, timeoutMs: number): Promise<void> {
    let notifications = -1,
      broadcasts = -1; // those to very many whose recipients do not all have it
    await eventually(
      async () => {
        notifications = await database.count("ActivityNotification");
        broadcasts = await database.count("ActivityBroadcast");
        return notifications >= this.expected.size && broadcasts === 0;
      },
      timeoutMs,
      () =>
        `${this.expected.size} notifications for all of their recipients, there are ${notifications}, ` +
        `and ${broadcasts} that some do not have yet`,
    );
  }

  /** The tables hold exactly what was expected. `anySource`: a producer that had to repeat itself does not know
   *  which record was the first. */
  async checkTables(database: Database, options: { anySource?: boolean } = {}): Promise<StoredNotification[]> {
    const stored = await database.notifications();
    const byTitle = new Map<string, StoredNotification>();
    const twice: string[] = [];
    for (const row of stored) {
      if (byTitle.has(row.title)) twice.push(row.title);
      byTitle.set(row.title, row);
    }
    expect({ stored_twice: twice }).toEqual({ stored_twice: [] });
    expect({
      lost: [...this.expected.keys()].filter((title) => !byTitle.has(title)),
      invented: [...byTitle.keys()].filter((title) => !this.expected.has(title)),
    }).toEqual({ lost: [], invented: [] });
    const wrong: unknown[] = [];
    for (const [title, { recipients, sources }] of this.expected) {
      const row = byTitle.get(title)!;
      const got = new Set(row.recipients);
      const missing = [...recipients].filter((user) => !got.has(user));
      const surplus = [...got].filter((user) => !recipients.has(user));
      if (missing.length > 0 || surplus.length > 0 || got.size !== row.recipients.length)
        wrong.push({ title, missing, surplus, rows: row.recipients.length });
      if (!options.anySource && !sources.has(row.source))
        wrong.push({ title, source: row.source, expected: [...sources] });
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(await database.count("ActivityNotificationRecipient")).toBe(this.rowsExpected());
    expect(await database.count("ActivityNotificationKey")).toBe(this.expected.size);
    expect(await database.wrongCounters()).toEqual([]);
    return stored;
  }

  /** What the clients heard. `live`: the instance they were connected to throughout; they must have heard, live, every
   *  row of theirs whose record it has committed; "everything": they were connected throughout, and the bus brought
   *  what other instances have committed. Then each comes back with `since`, and its log without repeats is exactly
   *  its rows. */
  async checkClients(
    database: Database,
    clients: StreamClient[],
    live: Instance | "everything" | null,
    url: string,
  ): Promise<{ heardLive: number; dueLive: number; repeats: number; caughtUp: number; reconnects: number }> {
    const figures = { heardLive: 0, dueLive: 0, repeats: 0, caughtUp: 0, reconnects: 0 };
    const committed = live && live !== "everything" ? live.batches() : [];
    const isCommitted = (source: string) => {
      if (live === "everything") return true;
      const [partition, offset] = source.slice(this.topic.length + 1).split("/");
      return committed.some(
        (batch) =>
          batch.partition === Number(partition) && batch.first <= BigInt(offset!) && BigInt(offset!) <= batch.last,
      );
    };
    const memo = new Map<string, boolean>();
    for (const client of clients) {
      const rows = await database.inbox(client.user);
      expect(rows.map((row) => row.seq)).toEqual(rows.map((_, n) => n + 1));
      const due = rows.filter((row) => {
        if (!memo.has(row.source)) memo.set(row.source, isCommitted(row.source));
        return memo.get(row.source);
      });
      const heard = () => new Set(client.hints.filter((hint) => hint.live).map((hint) => hint.id));
      if (live) {
        const deadline = Date.now() + 10_000 * patience;
        while (Date.now() < deadline && !due.every((row) => heard().has(row.id))) await Bun.sleep(50);
        const ids = heard();
        expect({ user: client.user, unheard: due.filter((row) => !ids.has(row.id)).slice(0, 5) }).toEqual({
          user: client.user,
          unheard: [],
        });
        expect({ user: client.user, connections: client.connection, closed: client.closed }).toEqual({
          user: client.user,
          connections: 1,
          closed: null,
        });
      }
      figures.dueLive += due.length;
      figures.heardLive += heard().size;
      const before = client.hints.length;
      figures.reconnects += await client.catchUp(url);
      figures.caughtUp += client.hints.length - before;
      const log = new Map(client.hints.map((hint) => [hint.id, hint]));
      figures.repeats += client.hints.length - log.size;
      const asHeard = [...log.values()].sort((a, b) => a.seq - b.seq).map(({ id, seq, title }) => ({ id, seq, title }));
      expect({ user: client.user, rows: asHeard.length }).toEqual({ user: client.user, rows: rows.length });
      expect(asHeard).toEqual(rows.map(({ id, seq, title }) => ({ id, seq, title })));
      // A repeated hint is the same hint.
      expect(client.hints.filter((hint) => log.get(hint.id)!.seq !== hint.seq)).toEqual([]);
      client.close();
    }
    return figures;
  }
}

/** In every message: it must be in no log, metric or header. */
export const body = "Kaufbeleg-7f3a9c Zahlung erhalten";
