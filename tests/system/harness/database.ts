// A database of a test's own on the shared server: a role with a password of its own, the policy table as the identity
// service keeps it, and the questions a test asks of Signal's tables.
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { connect, withDatabase, type Stack } from "./stack";

export type Edge = {
  variant?: string;
  subject: [type: string, id: string];
  target: [type: string, id: string];
  deleted?: boolean;
};
export type StoredNotification = { id: string; title: string; source: string; recipients: string[] };

export class Database {
  private kept: Client | null = null;
  private constructor(
    readonly stack: Stack,
    readonly name: string,
    readonly url: string,
    readonly password: string,
    readonly role: string,
  ) {}

  static async create(stack: Stack): Promise<Database> {
    const name = stack.name("fault");
    const role = `${name}_app`;
    const password = `pg-${randomBytes(12).toString("hex")}`;
    await stack.postgres.owner(async (client) => {
      await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
      await client.query(`CREATE DATABASE ${name} OWNER ${role}`);
    });
    await stack.postgres.owner(async (client) => {
      await client.query(`CREATE SCHEMA identity;
        CREATE TABLE identity."PolicyDefinition" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          deleted_at timestamptz, variant text NOT NULL, subject_type text NOT NULL, subject_id text NOT NULL,
          target_type text NOT NULL, target_id text NOT NULL, action text, effect text);
        CREATE INDEX ON identity."PolicyDefinition" (variant, target_type, target_id, subject_id);
        CREATE INDEX ON identity."PolicyDefinition" (variant, subject_type, subject_id);
        GRANT USAGE ON SCHEMA identity TO ${role}; GRANT SELECT ON identity."PolicyDefinition" TO ${role}`);
    }, name);
    return new Database(stack, name, stack.postgres.urlFor(name, role, password), password, role);
  }

  /** As the server's owner; the connection is kept and comes back after a restart of the server. */
  async query(text: string, values: unknown[] = []): Promise<any[]> {
    try {
      this.kept ??= await connect(withDatabase(this.stack.postgres.url, this.name));
      return (await this.kept.query(text, values)).rows;
    } catch (error) {
      const broken = this.kept;
      if ((error as { code?: string }).code?.match(/^(08|57P|E)/) || !(error as { code?: string }).code) {
        this.kept = null;
        void broken?.end().catch(() => undefined);
      }
      throw error;
    }
  }
  /** The server that was asked so far is gone: the next question goes to the one that serves now. */
  leave(): void {
    const left = this.kept;
    this.kept = null;
    void left?.end().catch(() => undefined);
  }
  /** A connection for a lock or the like: the caller ends it. */
  connection = () => connect(withDatabase(this.stack.postgres.url, this.name));

  async addPolicies(edges: Edge[]): Promise<void> {
    const column = (take: (edge: Edge) => unknown) => edges.map(take);
    await this.query(
      `INSERT INTO identity."PolicyDefinition" (deleted_at, variant, subject_type, subject_id, target_type, target_id)
      SELECT CASE WHEN d THEN now() END, v, st, si, tt, ti
      FROM unnest($1::bool[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS e(d, v, st, si, tt, ti)`,
      [
        column((e) => e.deleted ?? false),
        column((e) => e.variant ?? "join_domain"),
        column((e) => e.subject[0]),
        column((e) => e.subject[1]),
        column((e) => e.target[0]),
        column((e) => e.target[1]),
      ],
    );
    await this.query(`ANALYZE identity."PolicyDefinition"`);
  }

  async notifications(): Promise<StoredNotification[]> {
    return this.query(`
      SELECT n.id::text, n.title, k.source, coalesce(r.users, '{}') AS recipients
      FROM signal."ActivityNotification" n
      JOIN signal."ActivityNotificationKey" k ON k.notification_id = n.id
      LEFT JOIN (
        SELECT r.notification_id, array_agg(i.user_id::text) AS users
        FROM signal."ActivityNotificationRecipient" r JOIN signal."ActivityInbox" i USING (user_no) GROUP BY 1
      ) r ON r.notification_id = n.id`);
  }
  async count(table: string): Promise<number> {
    return Number((await this.query(`SELECT count(*) AS n FROM signal."${table}"`))[0].n);
  }
  async sources(): Promise<Set<string>> {
    return new Set((await this.query(`SELECT source FROM signal."ActivityNotificationKey"`)).map((row) => row.source));
  }

  /** A user's rows, in the order of their sequence. */
  async inbox(user: string): Promise<{ id: string; title: string; seq: number; source: string }[]> {
    const rows = await this.query(
      `SELECT n.id::text, n.title, r.seq, k.source
      FROM signal."ActivityInbox" i JOIN signal."ActivityNotificationRecipient" r USING (user_no)
      JOIN signal."ActivityNotification" n ON n.id = r.notification_id
      JOIN signal."ActivityNotificationKey" k ON k.notification_id = n.id
      WHERE i.user_id = $1 ORDER BY r.seq`,
      [user],
    );
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }

  /** Users whose counters differ from a recount of their rows. */
  async wrongCounters(): Promise<unknown[]> {
    return this.query(`
      WITH recounted AS (
        SELECT i.user_id, i.last_seq, i.live, i.unread, count(r.seq) AS rows, coalesce(max(r.seq), 0) AS newest,
          count(r.seq) FILTER (WHERE r.archived_at IS NULL) AS live_rows,
          count(r.seq) FILTER (
            WHERE r.archived_at IS NULL AND r.read_at IS NULL AND (r.seq > i.read_up_to OR r.reopened)) AS unread_rows
        FROM signal."ActivityInbox" i LEFT JOIN signal."ActivityNotificationRecipient" r USING (user_no)
        GROUP BY i.user_no, i.user_id, i.last_seq, i.live, i.unread
      )
      SELECT * FROM recounted
      WHERE last_seq <> newest OR rows <> newest OR live <> live_rows OR unread <> unread_rows LIMIT 10`);
  }

  async close(): Promise<void> {
    await this.kept?.end().catch(() => undefined);
    this.kept = null;
  }
}
