// Requests as the user of the token: docs/notifications.md#reading-back.
import type { Tokens } from "./tokens.js";
import { SignalError, type Clock, type Notification } from "./types.js";

export interface Answer {
  body: any;
  headers: Headers;
}
export interface Page {
  rows: Notification[];
  next: string | undefined;
}

const mostRetryAfterSeconds = 3;

export class Rest {
  #origin;
  #tokens;
  #fetch;
  #clock;
  #withinMs;
  /** `withinMs`: a proxy that holds a connection open must not hold the inbox. */
  constructor(origin: string, tokens: Tokens, fetch: typeof globalThis.fetch, clock: Clock, withinMs: number) {
    this.#withinMs = withinMs;
    this.#origin = origin;
    this.#tokens = tokens;
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** Again once: with a new token after 401, or after the wait that a 503 or 429 asks for. */
  async call(path: string, method = "GET", body?: unknown): Promise<Answer> {
    for (let attempt = 0; ; ++attempt) {
      const token = await this.#tokens.get();
      const fetch = this.#fetch;
      let response, answer;
      try {
        response = await fetch(this.#origin + path, {
          method,
          signal: AbortSignal.timeout(this.#withinMs),
          cache: "no-store",
          headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        answer = await response.json();
      } catch (cause) {
        throw new SignalError("rest", `${method} ${path} has no answer: ${cause}`, cause);
      }
      const { status, headers } = response;
      if (response.ok) return { body: answer, headers };
      if (!attempt && status === 401) this.#tokens.refuse(token);
      else if (!attempt && (status === 503 || status === 429)) {
        const seconds = Math.min(Number(headers.get("retry-after")) || 1, mostRetryAfterSeconds);
        await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, seconds * 1_000));
      } else
        throw new SignalError("rest", `${method} ${path} is answered ${status}: ${answer?.message}`, undefined, status);
    }
  }

  /** `path`: the first page's, or the `next` of the one before. */
  async page(path: string): Promise<Page> {
    const { body, headers } = await this.call(path);
    return { rows: body.data ?? body, next: /<([^>]+)>; *rel="?next/.exec(headers.get("link") ?? "")?.[1] };
  }
}
