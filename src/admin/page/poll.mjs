// Asks for the instances every 2 s while somebody can see the page.
import { Refused } from "./api.mjs";

const everyMs = 2_000;

export class Poll {
  #api;
  #on;
  #timer = null;
  #session = null; // of one sign-in; what belongs to an earlier one is dropped

  /** @param on  {answer(list), problem(text)} */
  constructor(api, on) {
    this.#api = api;
    this.#on = on;
    document.addEventListener("visibilitychange", () => {
      if (this.#session && !document.hidden) void this.#ask(this.#session);
    });
  }

  /** `first` is an answer that is there already. */
  start(first) {
    this.#session = {};
    this.#on.answer(first);
    this.#wait(this.#session, everyMs);
  }
  stop() {
    clearTimeout(this.#timer);
    this.#session = null;
  }

  #wait(session, ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!document.hidden) void this.#ask(session);
    }, ms);
  }

  async #ask(session) {
    clearTimeout(this.#timer);
    let pause = everyMs;
    try {
      const { body } = await this.#api.ask("/v1/operators/instances");
      if (session !== this.#session) return;
      this.#on.answer(body);
    } catch (error) {
      if (session !== this.#session) return;
      if (error instanceof Refused && error.status === 429) pause = Math.max(everyMs, error.retryAfter * 1000);
      this.#on.problem(`${error.message}. The values below are old.`);
    }
    this.#wait(session, pause);
  }
}
