// Instances that know each other, and an operator who lists and disconnects their clients.
import type { Client } from "../../../contracts/types";
import type { Instance } from "../harness/instance";
import { ask, bossOf } from "../harness/operator";
import { Scene } from "../harness/scene";
import { StreamClient } from "../harness/stream_client";

export const clientsPath = "/v1/socket/websocket/clients";

export type Page = { count: number; clients: Client[]; missing?: string[] };

export async function operatorsScene(instances = 3, env: Record<string, string> = {}) {
  const scene = await Scene.open({ instances, env });
  await scene.acquainted();
  const boss = await bossOf(scene);
  const clients = (at: Instance, target = "", token: string | null = boss) => ask(at, token, clientsPath + target);
  return {
    scene,
    boss,
    clients,
    list: async (at: Instance, query = "") => (await (await clients(at, query)).json()) as Page,
    /** Disconnects a client (`/ID`) or a user (`?userId=…`). */
    kick: (at: Instance, target: string) => ask(at, boss, clientsPath + target, "DELETE"),
  };
}

/** Connects with a token of one's own; not one of the scene's tills. */
export async function connected(at: Instance, token: string): Promise<StreamClient> {
  const till = new StreamClient("u1", token);
  await till.connect(at.ws);
  return till;
}

/** Whether an instance refuses the token, over REST and over /stream. */
export async function refused(at: Instance, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const rest = await fetch(`${at.http}/v1/notifications/unread-count`, { headers });
  const till = new StreamClient("x", token);
  const socket = await till.connect(at.ws).then(
    () => "connected",
    (error: Error) => error.message,
  );
  till.close();
  return rest.status === 401 && socket.includes("4003");
}
