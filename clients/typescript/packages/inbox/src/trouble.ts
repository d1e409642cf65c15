// Which sentence the panel shows when something is wrong, and what the user can do about it. No state.
import type { SignalErrorCode, SignalStatus } from "@nx-signal/client";

export type Problem =
  | "offline"
  | "replaced"
  | "disconnected"
  | "refused"
  | "user"
  | "token"
  | "insecure"
  | "unavailable"
  | "change";

export interface Trouble {
  problem: Problem;
  /** The method of the client that may help. */
  remedy?: "wake" | "start";
}

export interface Circumstances {
  status: SignalStatus;
  /** The status has not been `live` for some seconds: shorter gaps are not worth a word. */
  late: boolean;
  /** The error since the client was last in order. */
  error: SignalErrorCode | undefined;
  /** WebCrypto is there. */
  secure: boolean;
}

const byCode: Record<number, Problem> = { 4008: "replaced", 4009: "disconnected" };

export function troubleOf({ status, late, error, secure }: Circumstances): Trouble | undefined {
  const { state, closed } = status;
  if (error === "user") return { problem: "user" };
  if (state === "stopped" && closed) return { problem: byCode[closed.code] ?? "refused", remedy: "start" };
  if (late && secure && state !== "stopped")
    return { problem: error === "token" ? "token" : "offline", remedy: "wake" };
  if (error === "rest" || error === "token") return { problem: "unavailable", remedy: "wake" };
  return secure ? undefined : { problem: "insecure" };
}
