// The step that follows a close, and the length of a wait: docs/protocol.md#close-codes. Nothing here keeps state or
// time.

/**
 * `now`: come back at once. `wait`: back off. `token`: a new token first, then at once.
 * `keys`: come back once with new keys, then back off.
 * `away`: not by itself. `leave`: not by itself, and then with a new token.
 */
export type Next = "now" | "wait" | "token" | "keys" | "away" | "leave";

const byCode: Record<number, Next> = {
  1001: "now",
  4002: "now",
  4003: "token",
  4005: "token",
  4008: "away",
  4009: "leave",
};

export function nextAfter(code: number, reason: string): Next {
  if (code === 4004) return reason === "Decryption failed" ? "keys" : "away";
  return byCode[code] ?? "wait";
}

/** Codes that only a fault of the client, or of who runs it, explains: the app is told. */
export const isFault = (code: number): boolean => [1002, 1007, 1008, 1009, 4004, 4008, 4009].includes(code);

/**
 * The wait before the attempt `n`, counted from 0. An instance that dies cuts everybody: the first wait is spread, too.
 */
export const backOffMs = (n: number, random: number): number => 500 + random * Math.min(30_000, 1_000 * 2 ** n);

/** A deploy cuts everybody at the same moment. */
export const atOnceMs = (random: number): number => random * 1_000;
