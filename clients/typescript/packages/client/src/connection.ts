// One socket from its opening to its end: handshake, frames in order, liveness. It never comes back by itself.
import { deriveKeys, makeKeys, open, seal, type FrameKeys } from "./crypto.js";
import { Timer } from "./timer.js";
import type { Clock, SignalSocket } from "./types.js";

/** A frame of the server, opened. */
export interface Frame {
  event: string;
  data?: any;
  seq?: number;
  unread?: number;
}

export interface ConnectionOptions {
  url: string;
  WebSocket: new (url: string) => SignalSocket;
  clock: Clock;
  token: string;
  /** The position, for a catch-up. */
  since: { since?: number; epoch?: string };
  sealed: boolean;
  pingEveryMs: number;
  pongWithinMs: number;
  /** False for a server that may be one of IGNIS, which never answers a `ping`: its silence says nothing. */
  answersPing: () => boolean;
  /** In the order in which the server sent them. */
  onFrame: (frame: Frame) => void;
  /** Once. Code 1006 where there is no code. */
  onEnd: (code: number, reason: string, fault?: unknown) => void;
}

/** From the first byte of the socket to `connected`: the server allows 5 s to begin and 15 s to end. */
const connectWithinMs = 20_000;

export class Connection {
  #options: ConnectionOptions;
  #socket: SignalSocket;
  #keys = makeKeys();
  #frameKeys: Promise<FrameKeys> | undefined;
  #arrived: Promise<unknown> = Promise.resolve();
  #sent: Promise<unknown> = Promise.resolve();
  #deadline: Timer;
  #nextPing: Timer;
  #pings = 0;
  #ended = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#deadline = new Timer(options.clock);
    this.#nextPing = new Timer(options.clock);
    this.#keys.catch(() => undefined); // who awaits them sees it
    const socket = (this.#socket = new options.WebSocket(options.url));
    socket.onopen = () =>
      this.#keys.then(
        ({ clientPublicKey }) =>
          this.#write({
            event: "authenticate",
            data: { type: "Bearer", token: options.token, clientPublicKey, ...options.since },
          }),
        (fault) => this.drop(1006, "", fault),
      );
    socket.onmessage = ({ data }) => this.#receive(String(data));
    socket.onerror = () => undefined; // `close` follows
    // Frames that came before the close are processed before it.
    socket.onclose = ({ code, reason }) => {
      void this.#arrived.then(() => this.drop(code, reason));
    };
    this.#deadline.set(connectWithinMs, () => this.drop());
  }

  /** Sends to a connection that has passed its handshake. */
  send(frame: unknown): void {
    if (!this.#options.sealed) return this.#write(frame);
    this.#sent = this.#sent
      .then(async () =>
        this.#write({ event: "encrypted", data: await seal((await this.#frameKeys!).seal, JSON.stringify(frame)) }),
      )
      .catch(() => undefined);
  }

  /**
   * Asks for a sign of life, and takes the line for dead when nothing at all arrives. During the handshake it waits for
   * that. A question that is asked again does not give the line more time.
   */
  probe(withinMs = this.#options.pongWithinMs): void {
    if (!this.#frameKeys) return this.#deadline.set(withinMs, () => this.drop());
    this.send({ event: "ping", id: ++this.#pings });
    this.#deadline.set(withinMs, () => {
      if (this.#options.answersPing()) this.drop();
    });
    this.#pingLater();
  }

  /** Ends it without waiting for the other side, which may be unreachable. */
  drop(code = 1006, reason = "", fault?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deadline.clear();
    this.#nextPing.clear();
    this.#socket.onmessage = this.#socket.onclose = this.#socket.onopen = null;
    this.#socket.close();
    this.#options.onEnd(code, reason, fault);
  }

  #pingLater(): void {
    this.#nextPing.set(this.#options.pingEveryMs, () => this.probe());
  }

  #write(frame: unknown): void {
    if (this.#socket.readyState === 1 && !this.#ended) this.#socket.send(JSON.stringify(frame));
  }

  /** Opening is asynchronous and may be under way for several frames; they are passed on one after the other. */
  #receive(text: string): void {
    if (this.#frameKeys) this.#deadline.clear(); // a sign of life; the handshake has a bound in all
    const frame = this.#read(text);
    frame.catch(() => undefined);
    this.#arrived = this.#arrived
      .then(() => frame)
      .then((one) => {
        if (one && !this.#ended) this.#take(one);
      })
      .catch((fault) => this.drop(1006, "", fault));
  }

  async #read(text: string): Promise<Frame | undefined> {
    const frame = JSON.parse(text) as Frame;
    if (!this.#frameKeys) {
      if (frame.event === "connected") {
        this.#frameKeys = this.#keys.then(({ privateKey }) => deriveKeys(privateKey, frame.data));
        await this.#frameKeys;
      }
      return frame;
    }
    // In clear nothing but an error is believed: whoever can write into the line could write anything else.
    if (frame.event !== "encrypted") return frame.event === "error" ? frame : undefined;
    return JSON.parse(await open((await this.#frameKeys).open, frame.data));
  }

  #take(frame: Frame): void {
    if (frame.event === "connected") {
      this.#deadline.clear();
      this.#pingLater();
    }
    this.#options.onFrame(frame);
  }
}
