// The rows of a user in the database: read beside Signal, by SQL of the test's own.
import type { Database } from "../../../../tests/system/harness/database";
import type { InboxSnapshot } from "../../packages/client/src/types";

export interface Truth {
  rows: { id: string; seq: number; read: boolean }[];
  unread: number;
}

export async function truthOf(database: Database, user: string): Promise<Truth> {
  const rows = await database.query(
    `SELECT r.notification_id::text AS id, r.seq,
      (r.read_at IS NOT NULL OR (r.seq <= i.read_up_to AND NOT r.reopened)) AS read
    FROM signal."ActivityInbox" i JOIN signal."ActivityNotificationRecipient" r USING (user_no)
    WHERE i.user_id = $1 AND r.archived_at IS NULL ORDER BY r.seq DESC`,
    [user],
  );
  return {
    rows: rows.map(({ id, seq, read }) => ({ id, seq: Number(seq), read })),
    unread: rows.filter(({ read }) => !read).length,
  };
}

/** The difference between an inbox and the rows; null when it shows them as far as it has loaded them. */
export function difference({ items, unread: badge, hasMore, ready }: InboxSnapshot, { rows, unread }: Truth) {
  const shown = items.map(({ id, seq, readAt }) => ({ id, seq, read: readAt !== null }));
  const meant = hasMore ? rows.slice(0, shown.length) : rows;
  if (!ready) return "nothing was read yet";
  if (badge !== unread) return `the badge says ${badge}, unread are ${unread}`;
  if (hasMore !== shown.length < rows.length)
    return `hasMore is ${hasMore} with ${shown.length} of ${rows.length} rows`;
  if (JSON.stringify(shown) === JSON.stringify(meant)) return null;
  const at = meant.findIndex((row, n) => JSON.stringify(row) !== JSON.stringify(shown[n]));
  return (
    `of ${meant.length} rows the one at ${at} is ${JSON.stringify(meant[at])}, ` +
    `${shown.length} are shown, there ${JSON.stringify(shown[at])}`
  );
}
