// The rows of one user and what REST answers about them: the truth that an inbox is held against. `hold` lets a test
// put things between question and answer.
import type { Notification } from "../../packages/client/src/types";

const time = "2026-11-23T08:44:45.117Z";

export class Rows {
  readonly all: Notification[] = [];
  epoch = "e1";
  away = false;
  readonly asked: string[] = [];
  hold: ((path: string) => Promise<void>) | null = null;

  add(): Notification {
    const seq = this.all.length + 1;
    const row = {
      id: `id-${this.epoch}-${seq}`,
      seq,
      title: `n${seq}`,
      type: "t",
      key: null,
      body: null,
      data: null,
      recipientScope: "users",
      organizerId: null,
      merchantId: null,
      actorId: null,
      occurredAt: null,
      createdAt: time,
      modifiedAt: time,
      readAt: null,
      archivedAt: null,
      extra: null,
    } as Notification;
    this.all.push(row);
    return row;
  }
  /** As a hint, with the count of this moment. */
  hint({ seq, ...data }: Notification) {
    return { event: "observation/signal/notification/created", data, seq, unread: this.unread };
  }
  mark(row: Notification, marks: Partial<Notification>) {
    this.all[row.seq - 1] = { ...this.all[row.seq - 1]!, ...marks };
  }
  updated(row: Notification) {
    const { id, readAt, archivedAt } = this.all[row.seq - 1]!;
    return {
      event: "observation/signal/notification/updated",
      data: { ids: [id], readAt, ...(archivedAt ? { archivedAt } : {}) },
      unread: this.unread,
    };
  }
  get live() {
    return this.all.filter((row) => !row.archivedAt);
  }
  get unread() {
    return this.live.filter((row) => !row.readAt).length;
  }
  get newest() {
    return [...this.live].reverse();
  }

  /** In place of `Rest`. What is answered is of the moment of the question; the answer may be late. */
  readonly rest = {
    call: async (path: string, method = "GET", body?: any) => {
      this.asked.push(`${method} ${path}`);
      if (this.away) throw new Error("away");
      const answer = this.#answer(path, method, body);
      await this.hold?.(path);
      return { body: answer, headers: new Headers() };
    },
    page: async (path: string) => {
      const { body } = await this.rest.call(path);
      return body as { rows: Notification[]; next: string | undefined };
    },
  };

  #answer(path: string, method: string, body: any): unknown {
    const url = new URL(path, "http://x");
    if (url.pathname.endsWith("/unread-count")) return { count: this.unread, seq: this.all.length, epoch: this.epoch };
    if (url.pathname.endsWith("/read")) {
      for (const row of this.live)
        if (body.ids ? body.ids.includes(row.id) : row.seq <= body.upTo) this.mark(row, { readAt: row.readAt ?? time });
      return { count: 1 };
    }
    if (method === "PATCH") {
      const row = this.all.find(({ id }) => url.pathname.endsWith(id))!;
      this.mark(row, {
        ...(body.read === undefined ? {} : { readAt: body.read ? time : null }),
        ...(body.archived === undefined ? {} : { archivedAt: body.archived ? time : null }),
      });
      return { count: 1, data: row };
    }
    const limit = Number(url.searchParams.get("limit"));
    const since = url.searchParams.get("since");
    const below = Number(url.searchParams.get("cursor") ?? Infinity);
    const rows =
      since === null
        ? this.newest.filter(({ seq }) => seq < below)
        : this.live.filter(({ seq }) => seq > Number(since));
    const page = rows.slice(0, limit);
    const last = page.at(-1)?.seq;
    return {
      rows: page,
      next:
        rows.length > limit
          ? `${url.pathname}?limit=${limit}&${since === null ? "cursor" : "since"}=${last}`
          : undefined,
    };
  }
}
