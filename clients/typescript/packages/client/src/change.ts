// A change that the server has not answered yet, laid over the rows: nothing to undo when it fails.
import type { Notification } from "./types.js";

export interface Change {
  ids?: string[];
  /** In place of ids: all up to this seq. */
  upTo?: number;
  read?: boolean;
  archived?: boolean;
  /** When it was read or archived. */
  at?: string;
  /** `at` is the server's, and holds for rows that were read before, too. */
  told?: boolean;
}

export const isUnread = (row: Notification): number => (row.readAt || row.archivedAt ? 0 : 1);

function changed(row: Notification, { ids, upTo, read, archived, at, told }: Change): Notification {
  if (ids ? !ids.includes(row.id) : row.seq > upTo!) return row;
  const readAt = read === undefined ? row.readAt : read ? (told && ids ? at! : (row.readAt ?? at!)) : null;
  const archivedAt = archived === undefined ? row.archivedAt : archived ? (row.archivedAt ?? at!) : null;
  return readAt === row.readAt && archivedAt === row.archivedAt ? row : { ...row, readAt, archivedAt };
}

/** The rows with what the changes make of them, and the count. */
export function overlay(
  rows: Iterable<Notification>,
  unread: number,
  changes: Iterable<Change>,
): { all: Notification[]; unread: number } {
  let all = [...rows];
  for (const change of changes) {
    const after = all.map((row) => changed(row, change));
    unread =
      change.upTo === undefined
        ? after.reduce((count, row, n) => count + isUnread(row) - isUnread(all[n]!), unread)
        : // Rows that are not loaded are older than this.
          after.reduce((count, row) => count + (row.seq > change.upTo! ? isUnread(row) : 0), 0);
    all = after;
  }
  return { all, unread: Math.max(0, unread) };
}
