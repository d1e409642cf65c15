// An operator's token, and what an operator asks of an instance.
import type { Instance } from "./instance";
import type { Scene } from "./scene";

export const superAdmin = { userId: "boss", roles: [{ id: "1", identifier: "999_super-admin", priority: 1 }] };
export const bossOf = (scene: Scene) => scene.stack.issuer.token(superAdmin);

export const ask = (at: Instance, token: string | null, path: string, method = "GET") =>
  fetch(at.http + path, { method, headers: token ? { authorization: `Bearer ${token}` } : {} });

/** The id that an instance has on the bus. */
export const idOf = (instance: Instance) =>
  String(instance.lines.findLast((line) => line.event === "listening" && line.life === instance.life)!.instance);
