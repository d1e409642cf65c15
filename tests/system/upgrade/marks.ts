// Marks over REST at any instance, and what the rows must say of them at the end.
import { expect } from "bun:test";
import type { Instance } from "../harness/instance";
import type { Random } from "../harness/random";
import type { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";

type Mark = { read: boolean; archived: boolean };

export class Marks {
  /** By user and id of the notification. */
  private readonly expected = new Map<string, Map<string, Mark>>();
  private answered = 0;
  private unanswered = 0; // the connection ended with its instance: asked again at another one
  private readonly failed: string[] = [];

  constructor(
    private readonly scene: Scene,
    private readonly random: Random,
  ) {}

  /** Marks rows that a client has heard: one or more as read, one as unread or archived, or all up to a position. */
  async one(at: Instance): Promise<void> {
    const client = this.random.of(this.scene.clients);
    const heard = [...new Set(client.hints.map((hint) => hint.id))];
    if (heard.length === 0) return;
    const id = this.random.of(heard.slice(-50));
    const roll = this.random.next();
    if (roll < 0.4) return this.patch(at, client, id, { read: true });
    if (roll < 0.5) return this.patch(at, client, id, { read: false });
    if (roll < 0.65) return this.patch(at, client, id, { archived: true });
    if (roll < 0.95) return this.read(at, client, [...new Set([id, heard.at(-1)!, heard.at(-2) ?? id])]);
    return this.readUpTo(at, client, client.since);
  }

  /** Holds the rows against the marks. */
  async check(): Promise<string> {
    expect(this.failed).toEqual([]);
    let rows = 0;
    const wrong: unknown[] = [];
    for (const [user, marks] of this.expected) {
      const stored = await this.scene.database.query(
        `SELECT r.notification_id::text AS id, r.archived_at IS NOT NULL AS archived,
          r.read_at IS NOT NULL OR (r.seq <= i.read_up_to AND NOT r.reopened) AS read
        FROM signal."ActivityInbox" i JOIN signal."ActivityNotificationRecipient" r USING (user_no)
        WHERE i.user_id = $1`,
        [user],
      );
      for (const { id, read, archived } of stored) {
        const mark = marks.get(id) ?? { read: false, archived: false };
        if (mark.read !== read || mark.archived !== archived)
          wrong.push({ user, id, marked: mark, stored: { read, archived } });
      }
      rows += stored.length;
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(this.answered).toBeGreaterThan(0);
    return `${this.answered} marks, ${this.unanswered} asked twice, ${rows} rows of those users as they were marked`;
  }

  private of(user: string, id: string): Mark {
    const marks = this.expected.get(user) ?? new Map<string, Mark>();
    this.expected.set(user, marks);
    const mark = marks.get(id) ?? { read: false, archived: false };
    marks.set(id, mark);
    return mark;
  }

  private async patch(at: Instance, client: StreamClient, id: string, change: Partial<Mark>): Promise<void> {
    if (await this.ask(at, client, "PATCH", `/${id}`, change)) Object.assign(this.of(client.user, id), change);
  }
  private async read(at: Instance, client: StreamClient, ids: string[]): Promise<void> {
    if (!(await this.ask(at, client, "POST", "/read", { ids }))) return;
    for (const id of ids) this.of(client.user, id).read = true;
  }
  private async readUpTo(at: Instance, client: StreamClient, upTo: number): Promise<void> {
    if (upTo === 0 || !(await this.ask(at, client, "POST", "/read", { all: true, upTo }))) return;
    for (const { id, seq } of client.hints) if (seq <= upTo) this.of(client.user, id).read = true; // archived rows, too
  }

  /** Whether it was answered 200. A mark without an answer may have been made: it is asked for again. */
  private async ask(
    at: Instance,
    client: StreamClient,
    method: string,
    path: string,
    body: unknown,
    attempt = 1,
  ): Promise<boolean> {
    const answer = await fetch(`${at.http}/v1/notifications${path}`, {
      method,
      headers: { authorization: `Bearer ${client.token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    }).catch(() => null);
    if (answer === null && attempt < 20) {
      ++this.unanswered;
      await Bun.sleep(50);
      const other = this.scene.instances[attempt % this.scene.instances.length]!;
      return this.ask(other, client, method, path, body, attempt + 1);
    }
    if (answer?.status === 200) ++this.answered;
    else this.failed.push(`${method} ${path} ${JSON.stringify(body)} at ${at.name}: ${answer?.status ?? "no answer"}`);
    return answer?.status === 200;
  }
}
