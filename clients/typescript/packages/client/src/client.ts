// The client as an app sees it. It puts the modules together and decides nothing that one of them knows.
import type { Frame } from "./connection.js";
import { Emitter } from "./emitter.js";
import { Inbox } from "./inbox.js";
import { Link } from "./link.js";
import { Position } from "./position.js";
import { Rest } from "./rest.js";
import { Tabs } from "./tabs.js";
import { Tokens } from "./tokens.js";
import {
  SignalError,
  type Clock,
  type PositionStorage,
  type SignalEvents,
  type SignalOptions,
  type SignalStatus,
} from "./types.js";

const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (work, ms) => setTimeout(work, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
};
/** Without live frames in that time, the rows are read without them. */
const liveWithinMs = 1_000;
/** A server that knows no catch-up says nothing in place of `caught-up`. */
const caughtUpWithinMs = 5_000;
const ackEveryMs = 1_000;

/** `localStorage`; a browser that forbids it throws at its very name. */
function browserStorage(): PositionStorage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * The client of one user. `Topics` names the direct pushes and the type of their data:
 * `createSignal<{ "sale/order/paid": { id: string } }>(…)`.
 */
export class Signal<Topics extends object = Record<string, unknown>> {
  /** The rows, the badge, and what can be done with them. */
  readonly inbox: Inbox;
  /** Names server and user: the same in all tabs, and the key in the storage. */
  readonly name: string;
  #options;
  #clock: Clock;
  #handlers = new Emitter((cause) => this.#fail(new SignalError("handler", `a handler threw: ${cause}`, cause)));
  #position: Position;
  #link: Link;
  #tabs: Tabs | undefined;
  #rooms: string[] = []; // one for each call of `join`
  #others: string[] = []; // those of other tabs
  #joined = new Set<string>(); // on this connection
  #status: SignalStatus = { state: "stopped" };
  #started = false;
  #acked = 0;
  #ackTimer: unknown;

  constructor(options: SignalOptions) {
    const {
      url,
      user,
      pageSize = 20,
      pingEveryMs = 25_000,
      pongWithinMs = 10_000,
      checkEveryMs = 60_000,
      clock = systemClock,
      random = Math.random,
      sealed = true,
    } = options;
    const { origin } = new URL(url);
    const tokens = new Tokens(options);
    this.#options = options;
    this.name = `nx-signal ${origin} ${user}`;
    this.#clock = clock;
    const position = (this.#position = new Position(
      this.name,
      options.storage === undefined ? browserStorage() : options.storage,
      (cause) => this.#fail(new SignalError("storage", `the position is kept in memory only: ${cause}`, cause)),
    ));
    const common = { position, clock, random, onError: (error: unknown) => this.#fail(error) };
    this.inbox = new Inbox({
      ...common,
      pageSize,
      checkEveryMs,
      events: this.#handlers,
      rest: new Rest(origin, tokens, options.fetch ?? ((...request) => fetch(...request)), clock, pongWithinMs),
    });
    this.#link = new Link({
      ...common,
      user,
      sealed,
      tokens,
      pingEveryMs,
      pongWithinMs,
      url: origin.replace(/^http/, "ws") + (options.streamPath ?? "/stream"),
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
      onFrame: (frame) => {
        this.#tabs?.tell({ frame });
        this.#take(frame, true);
      },
      onStatus: (status) => {
        this.#tabs?.tell({ status });
        this.#follow(status);
      },
    });
  }

  get status(): SignalStatus {
    return this.#status;
  }
  /**
   * True in the tab that has the socket; where tabs are not shared, always. What must happen once in a browser belongs
   * there.
   */
  get leading(): boolean {
    return this.#tabs?.leading ?? true;
  }

  /** Calls `handler` at each event of that name, until what is returned is called. */
  on<Name extends keyof SignalEvents>(name: Name, handler: (event: SignalEvents[Name]) => void): () => void {
    return this.#handlers.on(name, handler);
  }

  /**
   * Direct pushes of services: `handler` gets the data of each push with that topic. Rooms that another tab has joined
   * are heard here, too.
   */
  topic<Topic extends keyof Topics & string>(topic: Topic, handler: (data: Topics[Topic]) => void): () => void {
    return this.#handlers.on(`topic ${topic}`, handler);
  }

  /**
   * Hears a room from now on, over reconnections, until what is returned is called. The server leaves out, without a
   * word, what this user is no member of.
   */
  join(room: string): () => void {
    const joined = [room];
    this.#rooms.push(room);
    this.#tellRooms();
    return () => {
      for (const one of joined.splice(0)) this.#rooms.splice(this.#rooms.indexOf(one), 1);
      this.#tellRooms();
    };
  }

  /** Begins, or begins again after the server said to stay away. */
  start(): void {
    if (this.#started) {
      this.#tabs?.tell({ start: true });
      if (this.leading) this.#link.start();
      return;
    }
    this.#started = true;
    listen("addEventListener", this.wake);
    this.inbox.start();
    this.inbox.synchronise(true, liveWithinMs);
    if (!globalThis.crypto?.subtle)
      return this.#fail(new SignalError("insecure", "no live frames without crypto.subtle: use https:// or localhost"));
    const lead = async () => {
      await this.#position.load();
      if (this.#started) this.#link.start();
    };
    if (this.#options.shareTabs === false || !Tabs.possible) return void lead();
    this.#tabs = new Tabs(this.name, {
      clock: this.#clock,
      lead,
      yield: () => this.#link.stop(),
      onFrame: (frame) => this.#take(frame, false),
      onStatus: (status) => this.#follow(status),
      onRooms: (rooms) => {
        this.#others = rooms;
        this.#tellRooms();
      },
      onStart: () => this.#link.start(),
      status: () => this.#status,
      rooms: () => this.#rooms,
    });
  }

  /** Ends all of it; `start()` begins again. */
  stop(): void {
    this.#started = false;
    listen("removeEventListener", this.wake);
    this.#clock.clearTimeout(this.#ackTimer);
    this.inbox.stop();
    this.#link.stop();
    this.#tabs?.stop();
    this.#tabs = this.#ackTimer = undefined;
  }

  /** The device or the app is back: called at `online`, when the page is shown, and by an app that knows of more. */
  readonly wake = (): void => {
    if (globalThis.document?.visibilityState === "hidden") return;
    this.#tabs?.greet();
    this.#link.wake();
    // A tab that was frozen has missed what the others have heard.
    this.inbox.synchronise(!this.leading, 0);
  };

  #fail(fault: unknown): void {
    const error = fault instanceof SignalError ? fault : new SignalError("unexpected", String(fault), fault);
    if (!this.#handlers.emit("error", error)) console.error(error);
  }

  #follow(status: SignalStatus): void {
    const isNew = status.state !== this.#status.state;
    this.#status = status;
    if (isNew && status.state === "live") {
      this.#joined.clear();
      this.#acked = 0;
      this.#tellRooms();
      this.inbox.synchronise(true, this.leading && this.#link.asked ? caughtUpWithinMs : 0);
    }
    this.#handlers.emit("status", status);
  }

  /** The rooms of all tabs are those of the one that has the socket. */
  #tellRooms(): void {
    if (!this.leading) return this.#tabs!.tellRooms();
    const wanted = new Set([...this.#rooms, ...this.#others]);
    const say = (event: string, rooms: string[]) => {
      if (rooms.length > 0) this.#link.send({ event, data: { rooms } });
    };
    say(
      "join",
      [...wanted].filter((room) => !this.#joined.has(room)),
    );
    say(
      "leave",
      [...this.#joined].filter((room) => !wanted.has(room)),
    );
    this.#joined = wanted;
  }

  #take(frame: Frame, mine: boolean): void {
    // A push may bear any name, that of a frame of Signal's, too.
    try {
      this.inbox.take(frame, mine);
    } catch (fault) {
      this.#fail(fault);
    }
    this.#handlers.emit(`topic ${frame.event}`, frame.data);
    if (mine && this.#options.ack) this.#ackTimer ??= this.#clock.setTimeout(() => this.#ack(), ackEveryMs);
  }

  #ack(): void {
    this.#ackTimer = undefined;
    const { seq = 0 } = this.#position;
    if (seq > this.#acked) this.#link.send({ event: "ack", data: { upTo: (this.#acked = seq) } });
  }
}

/** The events by which a platform says that it is back; a worker or a server may have none of them. */
function listen(how: "addEventListener" | "removeEventListener", wake: () => void): void {
  for (const name of ["online", "pageshow"]) globalThis[how]?.(name, wake);
  globalThis.document?.[how]("visibilitychange", wake);
}

/** A client that does nothing before `start()`. */
export const createSignal = <Topics extends object = Record<string, unknown>>(options: SignalOptions): Signal<Topics> =>
  new Signal<Topics>(options);
