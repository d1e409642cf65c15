// Rows as the server has them, changes under way laid over them, and what keeps both right:
// docs/notifications.md#reading-back.
import { isUnread, overlay, type Change } from "./change.js";
import type { Frame } from "./connection.js";
import type { InboxOptions } from "./inbox_options.js";
import { backOffMs } from "./policy.js";
import { Timer } from "./timer.js";
import type { InboxSnapshot, Notification } from "./types.js";

const route = "/v1/notifications";
/** A page of REST has at most so many rows. */
const mostOfPage = 100;
/** Pages that are read again after a catch-up, and that are walked over in a gap. */
const mostPages = 5;
/** A hint of another instance may be that late. */
const lateHintMs = 250;
/** `updated` and hints come from several instances: their counts may change places. */
const settledMs = 1_500;
const mostSeen = 2_000;
/** Beyond, the pages are read again, which leaves the newest. */
const mostRows = 10_000;
const spreadMs = 1_000;

/** The inbox of the user: what is in it, and what can be done with it. */
export class Inbox {
  #options: InboxOptions;
  #rows = new Map<string, Notification>();
  #seen = new Set<string>();
  #changes = new Set<Change>();
  #unread = 0; // as the server said last
  #counted = 0; // the same from what was heard: a difference says that something was not
  #next: string | undefined;
  #ready = false;
  #snapshot: InboxSnapshot | undefined;
  #marks = 0; // changes of rows that were known: an answer that was under way is worthless
  #running = false;
  #started = false;
  #whole = false; // the next synchronisation reads the loaded pages again
  #timer: Timer;
  #failures = 0;

  /** @internal */
  constructor(options: InboxOptions) {
    this.#options = options;
    this.#timer = new Timer(options.clock);
  }

  /** Calls back after each change, until what it returns is called. Bound: it can be handed on as it is. */
  readonly subscribe = (listener: () => void): (() => void) => this.#options.events.on("change", listener);

  get snapshot(): InboxSnapshot {
    if (!this.#snapshot) {
      const { all, unread } = overlay(this.#rows.values(), this.#unread, this.#changes);
      this.#snapshot = {
        items: all.filter((row) => !row.archivedAt).sort((a, b) => b.seq - a.seq),
        unread,
        hasMore: !!this.#next,
        ready: this.#ready,
      };
    }
    return this.#snapshot;
  }

  /** Loads the next page; at once when there is none. */
  async loadMore(): Promise<void> {
    const from = this.#next;
    if (!from) return;
    const page = await this.#steady(() => this.#options.rest.page(from));
    if (from !== this.#next) return; // read anew meanwhile
    for (const row of page.rows) this.#rows.set(row.id, row);
    this.#next = page.next;
    this.#changed();
  }

  /** Shown at once; taken back, with a rejection, when the server does not take it. The same holds for the others. */
  markRead(...ids: string[]): Promise<void> {
    return this.#change({ ids, read: true });
  }
  markUnread(id: string): Promise<void> {
    return this.#change({ ids: [id], read: false });
  }
  archive(id: string): Promise<void> {
    return this.#change({ ids: [id], archived: true });
  }
  unarchive(id: string): Promise<void> {
    return this.#change({ ids: [id], archived: false });
  }
  /** All that this client has heard of; what comes meanwhile stays unread. */
  markAllRead(): Promise<void> {
    return this.#change({ upTo: this.#options.position.top, read: true });
  }

  /**
   * A frame of the stream. `mine`: of this client's socket, whose catch-up began at this client's position. @internal
   */
  take({ event, data, seq, unread }: Frame, mine: boolean): void {
    const { position, random } = this.#options;
    if (event === "observation/signal/notification/created") {
      this.#arrive(data, seq, unread !== undefined || seq === undefined);
      // A smaller seq than the newest is late, and so is its count.
      if (seq! < position.top) unread = undefined;
    } else if (event === "observation/signal/notification/updated") {
      const { ids, upTo, readAt, archivedAt } = data;
      this.#apply({
        ids,
        upTo,
        read: !!readAt,
        ...(archivedAt === undefined ? {} : { archived: !!archivedAt }),
        at: readAt ?? archivedAt,
        told: true,
      });
      // One that comes back from the archive is among the others again. A late word of another instance may hide a row,
      // and no count shows that when it was read.
      this.synchronise(archivedAt !== undefined, archivedAt === null ? 0 : settledMs);
    } else if (event === "caught-up") {
      // Also when it is not complete: everything up to there was sent. One below the position is looked into by the
      // synchronisation.
      if (mine && data.seq > position.seq!) position.move(data.seq);
      unread = data.unread ?? undefined;
      // After a deploy everybody is here at the same moment; who has nothing to show yet does not wait.
      this.synchronise(true, this.#ready ? random() * spreadMs : 0);
    } else return;
    this.#unread = unread ?? this.#unread;
    if (this.#unread !== this.#counted) this.synchronise(false, settledMs);
    this.#changed();
  }

  /**
   * Asks the server, after `ms`, whether this is what it has; `whole` also for what was read and archived. @internal
   */
  synchronise(whole: boolean, ms: number): void {
    this.#whole ||= whole;
    // Something is known to be different from when it failed: a connection, a device that is back.
    if (!ms) this.#failures = 0;
    if (this.#started) this.#timer.set(ms, () => void this.#run());
  }

  /** @internal */
  start(): void {
    this.#started = true;
  }
  /** @internal */
  stop(): void {
    this.#started = false;
    this.#timer.clear();
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#options.events.emit("change");
  }

  /** A row that came by a frame or over a gap. */
  #arrive(row: Omit<Notification, "seq">, seq: number | undefined, live: boolean): void {
    const { position, events } = this.#options;
    const isNew = !this.#seen.has(row.id) && !position.has(seq!);
    // A server that does not number: REST knows the place.
    if (seq === undefined) this.synchronise(true, 0);
    else if (position.hear(seq)) this.synchronise(false, lateHintMs);
    if (!isNew) return;
    this.#seen.add(row.id);
    if (this.#seen.size > mostSeen) this.#seen.delete(this.#seen.values().next().value!);
    const notification = { ...row, seq } as Notification;
    if (seq !== undefined && !this.#rows.has(row.id)) {
      this.#rows.set(row.id, notification);
      this.#counted += isUnread(notification);
    }
    if (this.#rows.size > mostRows) this.synchronise(true, settledMs);
    events.emit("notification", { notification, live });
  }

  /** Rows and counts as the server has them after this. */
  #apply(change: Change): void {
    ++this.#marks;
    this.#unread = overlay(this.#rows.values(), this.#unread, [change]).unread;
    const { unread, all } = overlay(this.#rows.values(), this.#counted, [change]);
    this.#counted = unread;
    for (const row of all)
      if (row.archivedAt) this.#rows.delete(row.id);
      else this.#rows.set(row.id, row);
  }

  async #change(change: Change): Promise<void> {
    const { rest, onError } = this.#options;
    const { ids, upTo, read, archived } = change;
    change.at = new Date().toISOString();
    this.#changes.add(change);
    this.#changed();
    try {
      const { body } = read
        ? await rest.call(`${route}/read`, "POST", ids ? { ids } : { all: true, upTo })
        : await rest.call(`${route}/${ids![0]}`, "PATCH", { read, archived });
      // It is the server's now. Its own times come with `updated`.
      this.#apply(change);
      if (archived !== undefined || body.data === null) this.synchronise(true, archived ? settledMs : 0);
    } catch (error) {
      onError(error);
      throw error;
    } finally {
      this.#changes.delete(change);
      this.#changed();
    }
  }

  async #run(): Promise<void> {
    const { random, checkEveryMs, onError } = this.#options;
    if (this.#running) return this.synchronise(false, lateHintMs);
    this.#running = true;
    const whole = this.#whole;
    this.#whole = false;
    try {
      await this.#compare(whole);
      this.#failures = 0;
      // No count shows an archived row that was read, whose `updated` was lost between two instances.
      this.synchronise(random() < 0.1, checkEveryMs * (0.75 + random() / 2));
    } catch (error) {
      // The first of a series is told; the app sees that it goes on by `ready` and by the status.
      if (!this.#failures) onError(error);
      this.synchronise(whole, backOffMs(this.#failures++, random()));
    }
    this.#running = false;
  }

  async #compare(whole: boolean): Promise<void> {
    const { rest, position } = this.#options;
    const { seq: before } = position;
    const marks = this.#marks;
    const { body: server } = await rest.call(`${route}/unread-count`);
    if ((position.epoch && server.epoch !== position.epoch) || server.seq < before!) {
      position.forget();
      this.#rows.clear();
    }
    position.epoch = server.epoch;
    const fresh = position.seq === undefined;
    if (!fresh && server.seq > position.seq!) whole = !(await this.#fill(server.seq)) || whole;
    // Rows that came after the answer are not counted in it.
    const count = () =>
      [...this.#rows.values()].reduce((sum, row) => sum + (row.seq > server.seq ? isUnread(row) : 0), server.count);
    if (fresh || whole || !this.#ready || this.#counted !== count()) await this.#reload();
    if (fresh) position.move(server.seq);
    if (marks === this.#marks) this.#unread = this.#counted = count();
    else this.synchronise(false, settledMs);
    this.#changed();
  }

  /** Takes the rows between the position and `to`; false when there are too many to walk over. */
  async #fill(to: number): Promise<boolean> {
    const { rest, position } = this.#options;
    let path: string | undefined = `${route}?since=${position.seq}&limit=${mostOfPage}`;
    for (let pages = 0; path && pages < mostPages; ++pages) {
      const page = await this.#steady(() => rest.page(path!));
      for (const row of page.rows) this.#arrive(row, row.seq, false);
      path = page.next;
    }
    position.move(Math.max(position.seq!, to));
    return !path;
  }

  /** The loaded pages, from the newest on. */
  async #reload(): Promise<void> {
    const { rest, position, pageSize } = this.#options;
    const wanted = Math.min(Math.max(this.#rows.size, pageSize), mostPages * mostOfPage);
    const { top, rows, next } = await this.#steady(async () => {
      const { top } = position;
      const rows: Notification[] = [];
      let next: string | undefined = `${route}?limit=${Math.min(wanted, mostOfPage)}`;
      while (next && rows.length < wanted) {
        const page = await rest.page(next);
        rows.push(...page.rows);
        next = page.next;
      }
      return { top, rows, next };
    });
    // A row that a frame has brought meanwhile is younger than these pages.
    for (const [id, row] of this.#rows) if (row.seq <= top) this.#rows.delete(id);
    for (const row of rows) this.#rows.set(row.id, row);
    this.#next = next;
    this.#ready = true;
  }

  /** Asks again when a row has changed meanwhile: the answer may be of before or after. */
  async #steady<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; ++tries) {
      const marks = this.#marks;
      const answer = await ask();
      if (marks === this.#marks) return answer;
      if (tries < 5) continue;
      this.synchronise(true, settledMs);
      return answer;
    }
  }
}
