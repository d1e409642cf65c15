// Connections one after the other, until the app or the server says that it is enough.
import { Connection, type Frame } from "./connection.js";
import type { Position } from "./position.js";
import { atOnceMs, backOffMs, isFault, nextAfter } from "./policy.js";
import { claimsOf, otherUser, type Tokens } from "./tokens.js";
import { Timer } from "./timer.js";
import { SignalError, type Clock, type SignalSocket, type SignalStatus } from "./types.js";

export interface LinkOptions {
  url: string;
  user: string | number;
  WebSocket: new (url: string) => SignalSocket;
  clock: Clock;
  random: () => number;
  sealed: boolean;
  pingEveryMs: number;
  pongWithinMs: number;
  tokens: Tokens;
  position: Position;
  onFrame: (frame: Frame) => void;
  onStatus: (status: SignalStatus) => void;
  onError: (error: unknown) => void;
}

/** Connected for so long, a connection counts as good: the back-off begins again. */
const steadyAfterMs = 60_000;
/** A resume event has a person in front of it, who waits. */
const resumePongWithinMs = 3_000;

export class Link {
  /** This connection has asked for a catch-up. */
  asked = false;
  #options: LinkOptions;
  #connection: Connection | undefined;
  #timer: Timer;
  #state: SignalStatus["state"] = "stopped";
  #attempts = 0;
  #hurried = false; // "at once" was tried since the last steady connection
  #renewed = false; // the token of the next attempt is one that was asked for after a refusal
  #liveSince = 0;
  #modern; // the server is Signal: it opens sealed frames, or has answered what only Signal answers
  #token = ""; // that of this connection
  #refreshing = false;
  #waking = false;
  #round = 0; // what an earlier start still has under way is of no account

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#modern = options.sealed;
    this.#timer = new Timer(options.clock);
  }

  start(): void {
    if (this.#state !== "stopped") return;
    this.#attempts = 0;
    this.#hurried = this.#renewed = false;
    void this.#connect();
  }

  stop(closed?: SignalStatus["closed"]): void {
    ++this.#round;
    this.#timer.clear();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.drop(1000);
    this.#tell("stopped", closed);
  }

  /**
   * The device, the network or the tab is back: what waits goes on now, what is open proves that it is alive, and the
   * back-off begins again.
   */
  wake(): void {
    this.#attempts = 0;
    this.#connection?.probe(resumePongWithinMs);
    if (this.#state !== "waiting" || this.#waking) return;
    this.#waking = true;
    this.#later(atOnceMs(this.#options.random()));
  }

  /** For a connection that is live; without one it is dropped. */
  send(frame: unknown): void {
    if (this.#state === "live") this.#connection!.send(frame);
  }

  #tell(state: SignalStatus["state"], closed?: SignalStatus["closed"]): void {
    this.#state = state;
    this.#options.onStatus(closed ? { state, closed } : { state });
  }

  #later(ms: number): void {
    this.#timer.set(ms, () => void this.#connect());
  }

  async #connect(): Promise<void> {
    const round = ++this.#round;
    const { tokens, position, random, onError } = this.#options;
    this.#timer.clear();
    this.#tell("connecting");
    try {
      const token = (this.#token = await tokens.get());
      if (round !== this.#round) return;
      this.#refreshing = this.#waking = false;
      const { since } = position;
      this.asked = since.since !== undefined;
      const connection: Connection = (this.#connection = new Connection({
        ...this.#options,
        token,
        since,
        answersPing: () => this.#modern,
        onFrame: (frame) => {
          if (connection === this.#connection) this.#take(frame);
        },
        onEnd: (code, reason, fault) => {
          if (connection === this.#connection) this.#ended(code, reason, fault);
        },
      }));
    } catch (fault) {
      if (round !== this.#round) return;
      onError(fault);
      if ((fault as SignalError).code === "user") return this.stop();
      this.#tell("waiting");
      this.#later(backOffMs(this.#attempts++, random()));
    }
  }

  #take(frame: Frame): void {
    const { event, data } = frame;
    const { clock, tokens, user, onError, onFrame } = this.#options;
    if (event === "connected") {
      if (String(data.userId) !== String(user)) {
        onError(otherUser(data.userId, user));
        tokens.refuse();
        return this.stop();
      }
      this.#liveSince = clock.now();
      this.#renewed = false;
      this.#tell("live");
    }
    if (event === "pong" || event === "caught-up") this.#modern = true;
    // The server's clock alone says how long the token lasts; it is heard with every pong.
    if (event === "pong" || event === "connected") void this.#refresh(Date.parse(data.time));
    if (event === "refreshed") this.#refreshing = false;
    if (event === "error") {
      if (data?.message === "Refresh failed") {
        tokens.refuse(this.#token);
        this.#refreshing = false;
      }
      // The reason of a close is told with the close.
      if (this.#state === "live") onError(new SignalError("server", `the server says: ${data?.message}`));
    }
    onFrame(frame);
  }

  /** Early enough for three tries. */
  async #refresh(serverTime: number): Promise<void> {
    const { tokens, pingEveryMs, onError } = this.#options;
    const connection = this.#connection!;
    const { exp } = claimsOf(this.#token);
    if (!exp || exp * 1_000 - serverTime > 3 * pingEveryMs || this.#refreshing) return;
    this.#refreshing = true;
    try {
      const token = await tokens.renew();
      if (connection !== this.#connection) return;
      if (token) connection.send({ event: "refresh", data: { token: (this.#token = token) } });
      else this.#refreshing = false;
    } catch (error) {
      this.#refreshing = false;
      onError(error);
    }
  }

  #ended(code: number, reason: string, fault: unknown): void {
    const { clock, tokens, random, onError } = this.#options;
    this.#connection = undefined;
    if (fault) onError(new SignalError("frame", `a frame could not be opened: ${fault}`, fault));
    if (isFault(code)) onError(new SignalError("closed", `closed by the server: ${code} ${reason}`, undefined, code));
    if (this.#liveSince && clock.now() - this.#liveSince >= steadyAfterMs) {
      this.#attempts = 0;
      this.#hurried = false;
    }
    this.#liveSince = 0;
    const closed = { code, reason };
    const next = nextAfter(code, reason);
    if (next === "token" || next === "leave") tokens.refuse(this.#token);
    if (next === "token" && code === 4003) {
      if (this.#renewed) {
        onError(new SignalError("closed", "a new token was refused", undefined, code));
        return this.stop(closed);
      }
      this.#renewed = true;
    }
    if (next === "away" || next === "leave") return this.stop(closed);
    this.#tell("waiting", closed);
    // 4003 is followed by one new token, however often it was tried in vain before: an instance is there and answers.
    const atOnce = code === 4003 || (next !== "wait" && !this.#hurried);
    this.#hurried ||= atOnce;
    this.#later(atOnce ? atOnceMs(random()) : backOffMs(this.#attempts++, random()));
  }
}
