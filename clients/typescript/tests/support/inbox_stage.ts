// An inbox, the rows that it has to equal, and a clock that the test moves.
import { expect } from "bun:test";
import { Emitter } from "../../packages/client/src/emitter";
import { Inbox } from "../../packages/client/src/inbox";
import { Position } from "../../packages/client/src/position";
import type { NotificationEvent } from "../../packages/client/src/types";
import { ManualClock, turns } from "./manual_clock";
import { Rows } from "./rows";

export function stage(before = 0, pageSize = 3, random = () => 0.5) {
  const clock = new ManualClock(turns);
  const rows = new Rows();
  for (let n = 0; n < before; ++n) rows.add();
  const heard: string[] = [];
  const errors: unknown[] = [];
  const events = new Emitter((fault) => {
    throw fault;
  });
  events.on("notification", ({ notification, live }: NotificationEvent) =>
    heard.push(`${notification.title}${live ? "" : " missed"}`),
  );
  const position = new Position("key", null, () => undefined);
  const inbox = new Inbox({
    rest: rows.rest as never,
    position,
    clock,
    random,
    pageSize,
    checkEveryMs: 60_000,
    events,
    onError: (error) => errors.push(error),
  });
  inbox.start();
  const ready = async () => {
    inbox.synchronise(true, 0);
    await clock.advance(1);
  };
  const shown = () => inbox.snapshot.items.map(({ title }) => title);
  /** Equal to the rows as far as it is loaded, and the badge. */
  const isRight = () => {
    const { items, unread, hasMore } = inbox.snapshot;
    expect(items).toEqual(rows.newest.slice(0, hasMore ? items.length : undefined));
    expect(unread).toBe(rows.unread);
    expect(rows.live.length).toBeGreaterThanOrEqual(items.length);
  };
  return { clock, rows, inbox, position, heard, errors, ready, shown, isRight };
}
