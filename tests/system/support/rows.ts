// Reads the embedded database beside the running service, to hold its rows against what a test computed by itself.
import { Database } from "bun:sqlite";

export type RecipientRow = { user: string; notification: string; seq: number; title: string };

export class Rows {
  private readonly database: Database;
  constructor(path: string) {
    this.database = new Database(path, { readonly: true });
    this.database.exec("PRAGMA busy_timeout = 5000");
  }
  notifications(): { id: string; title: string; type: string }[] {
    return this.database.query(`SELECT lower(hex(id)) AS id, title, type FROM "ActivityNotification"`).all() as never;
  }
  recipients(): RecipientRow[] {
    return this.database
      .query(`
        SELECT i.user_id AS user, lower(hex(r.notification_id)) AS notification, r.seq AS seq, n.title AS title
        FROM "ActivityNotificationRecipient" r JOIN "ActivityInbox" i USING (user_no)
        JOIN "ActivityNotification" n ON n.id = r.notification_id`)
      .all() as never;
  }
  /** Users whose counters differ from a recount of their rows (marks of "read all" included). */
  wrongCounters(): unknown[] {
    return this.database
      .query(`SELECT i.user_id, i.last_seq, i.live, i.unread, count(r.seq) AS rows, coalesce(max(r.seq), 0) AS newest,
        coalesce(sum(r.archived_at IS NULL), 0) AS live_rows,
        coalesce(sum(r.archived_at IS NULL AND r.read_at IS NULL
          AND (r.seq > i.read_up_to OR r.reopened)), 0) AS unread_rows
      FROM "ActivityInbox" i LEFT JOIN "ActivityNotificationRecipient" r USING (user_no) GROUP BY i.user_no
      HAVING i.last_seq <> newest OR i.live <> live_rows OR i.unread <> unread_rows`)
      .all();
  }
  inboxes(): number {
    return (this.database.query(`SELECT count(*) AS n FROM "ActivityInbox"`).get() as { n: number }).n;
  }
  close() {
    this.database.close();
  }
}

/** The database's id as REST writes it. */
export const uuid = (hex: string) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
