// A scene that a Prometheus can watch, and what holds its messages up.
import { freePorts } from "./free_ports";
import { Scene } from "./scene";

/** A scene whose admin listener keeps its port over restarts, so that Prometheus finds it again. */
export async function watchedScene(options: { dlq?: boolean } = {}) {
  const admin = `127.0.0.1:${(await freePorts(1))[0]}`;
  return { admin, scene: await Scene.open({ watch: ["u1"], env: { SIGNAL_ADMIN_LISTEN: admin }, ...options }) };
}

/** Locks the inbox of a user, which need not exist before, until the returned function is called. */
export async function lockInbox(scene: Scene, user: string) {
  await scene.database.query(
    `INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread) VALUES ($1, 0, 0, 0) ON CONFLICT DO NOTHING`,
    [user],
  );
  const holder = await scene.database.connection();
  await holder.query("BEGIN");
  await holder.query(`SELECT 1 FROM signal."ActivityInbox" WHERE user_id = $1 FOR UPDATE`, [user]);
  return async () => {
    await holder.query("COMMIT");
    await holder.end();
  };
}

/**
 * A message to 2,001 users that cannot end: the inbox of the last one is locked until the returned function is called.
 */
export async function openBroadcast(scene: Scene) {
  const users = Array.from({ length: 2_001 }, (_, n) => `m${String(n).padStart(4, "0")}`);
  const end = await lockInbox(scene, users.at(-1)!);
  await scene.send([scene.history.good({ recipientScope: "users", recipientIds: users })]);
  return end;
}
