// Which length of a fault runs, and how long a test waits.
import { ContractBreach } from "../contracts/answers";
import { patience } from "../support/signal";

/** `script/faults` runs the lengths that the faults have in the field; `script/test` runs them shortened. */
export const full = process.env.SIGNAL_FAULTS === "full";
export const seconds = (short: number, long: number): number => (full ? long : short);

/** Within this of a fault's end the service works again by itself. Sanitizers slow the machine, not the rule: they
 *  get their factor. */
export const resumeWithinSeconds = 10 * patience;

/** Waits for `probe`; its errors (a server that is down) count as "not yet", but a breach of the contracts ends the
 *  wait. */
export async function eventually<T>(
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeoutMs: number,
  what: string | (() => string),
): Promise<T> {
  const deadline = Date.now() + timeoutMs * patience;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      if (error instanceof ContractBreach) throw error;
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `waited ${timeoutMs * patience} ms in vain for ` +
          `${typeof what === "string" ? what : what()}${last ? `; last error: ${last}` : ""}`,
      );
    }
    await Bun.sleep(20);
  }
}
