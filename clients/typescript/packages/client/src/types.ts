// The types of all that an app hands in and gets back.
import type { Notification } from "./generated/contract.js";

export type { Notification };

/** Time, so that a test can hold it. */
export interface Clock {
  /** Milliseconds from anywhere on; they never go back. */
  now(): number;
  setTimeout(work: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Where the position is kept: `localStorage`, or anything of this form; both may answer with promises. */
export interface PositionStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
}

export type SignalErrorCode =
  /** `crypto.subtle` is missing: the page is not on `https://` or loopback. The inbox goes on without live frames. */
  | "insecure"
  /** The token provider failed, gave nothing, or gave a token again that was refused. */
  | "token"
  /** The token is of another user than the client. */
  | "user"
  /** The server closed the connection with a code that says more than "come back". */
  | "closed"
  /** A frame could not be opened or read. */
  | "frame"
  /** The server said `error`. */
  | "server"
  /** A request to REST failed. */
  | "rest"
  /** The storage of the position failed. */
  | "storage"
  /** A handler of the app threw. */
  | "handler"
  /** None of these: a URL that is none, a proxy's page in place of JSON. */
  | "unexpected";

/**
 * Everything that goes wrong, in one form: `code` for programs, `message` for people, `cause` for what lies beneath.
 */
export class SignalError extends Error {
  override readonly name = "SignalError";
  /** `status`: of HTTP, or the code of the close, where there is one. */
  constructor(
    readonly code: SignalErrorCode,
    message: string,
    cause?: unknown,
    readonly status?: number,
  ) {
    super(message, { cause });
  }
}

/**
 * `connecting`: a connection is on its way. `live`: frames arrive. `waiting`: the next attempt follows by itself.
 * `stopped`: nothing happens until `start()`, because the app wants it so or because the server said to stay away.
 */
export type SignalState = "connecting" | "live" | "waiting" | "stopped";

export interface SignalStatus {
  state: SignalState;
  /** How the last connection ended. */
  closed?: { code: number; reason: string };
}

/** Why a token is asked for. */
export interface TokenRequest {
  /** The server has refused this one: it must not come again. */
  refused?: string;
  /** This one is good for a minute or so: a younger one is wanted. */
  expiring?: string;
}

export interface NotificationEvent {
  notification: Notification;
  /** False for what was missed and came by a catch-up or by REST. */
  live: boolean;
}

/** What the client uses of a `WebSocket`: that of a browser fits, and that of `ws`. */
export interface SignalSocket {
  readonly readyState: number;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  send(data: string): void;
  close(): void;
}

/** The state that an app shows. A new object after each change, so that a framework can compare it. */
export interface InboxSnapshot {
  /** Newest first, without the archived. Contiguous: below the last one there is nothing, or `hasMore`. */
  readonly items: readonly Notification[];
  /** The badge: of the whole inbox, not of `items` alone. */
  readonly unread: number;
  readonly hasMore: boolean;
  /** False until the rows were read for the first time. */
  readonly ready: boolean;
}

/** The events of `signal.on`. */
export interface SignalEvents {
  /** A notification that this client has not had before. */
  notification: NotificationEvent;
  status: SignalStatus;
  error: SignalError;
}

export interface SignalOptions {
  /** The origin of the server, e.g. `https://signal.example`; `/stream` and `/v1` are below it. */
  url: string;
  /** Whose inbox this is: the `userId` of the token. */
  user: string | number;
  /** Gives a token of the identity service. It is asked seldom: the client keeps the token while it is good. */
  token: (request: TokenRequest) => string | Promise<string>;
  /** Rows of a page, 1 to 100; 20 when not given. */
  pageSize?: number;
  /** `localStorage` when not given; `null` keeps the position in memory. */
  storage?: PositionStorage | null;
  /**
   * One socket for all tabs of a browser; true when not given. Without Web Locks or BroadcastChannel each has its own.
   */
  shareTabs?: boolean;
  /** Frames to the server are encrypted; true when not given. A server of IGNIS needs false. */
  sealed?: boolean;
  /** Tells the server what has arrived, for operators (`deliveredAt`); false when not given. */
  ack?: boolean;
  /** Between two `ping`s; 25,000 when not given. */
  pingEveryMs?: number;
  /** How long a `pong`, or an answer of REST, may take before the line counts as dead; 10,000 when not given. */
  pongWithinMs?: number;
  /** Between two questions for the unread count; 60,000 when not given. */
  checkEveryMs?: number;
  /** The path of the stream; `/stream` when not given. */
  streamPath?: string;
  fetch?: typeof fetch;
  /** For runtimes without a global one (Node before 22): that of `ws` fits. */
  WebSocket?: new (
    url: string,
  ) => SignalSocket;
  clock?: Clock;
  /** In [0, 1). */
  random?: () => number;
}
