// Plays the identity service: writes membership rows into the policy table of the embedded database.
import { Database } from "bun:sqlite";

export type Edge = {
  variant?: string;
  subject: [type: string, id: string];
  target: [type: string, id: string];
  deleted?: boolean;
};

export function addPolicies(path: string, edges: Edge[]): void {
  const database = new Database(path);
  database.exec("PRAGMA busy_timeout = 5000");
  const insert = database.prepare(`
      INSERT INTO "PolicyDefinition" (deleted_at, variant, subject_type, subject_id, target_type, target_id)
      VALUES (?, ?, ?, ?, ?, ?)`);
  const now = Date.now();
  database.transaction(() => {
    for (const { variant = "join_domain", subject, target, deleted } of edges) {
      insert.run(deleted ? now : null, variant, ...subject, ...target);
    }
  })();
  database.close();
}

export function removePolicies(path: string, userId: string): void {
  const database = new Database(path);
  database.exec("PRAGMA busy_timeout = 5000");
  database.run(`DELETE FROM "PolicyDefinition" WHERE subject_id = ?`, [userId]);
  database.close();
}
