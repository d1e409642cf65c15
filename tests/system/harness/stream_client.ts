// A till: an encrypted WebSocket client that keeps everything it heard and comes back with `since` as
// docs/protocol.md#catch-up says. On node:crypto alone, so that forty of them cost this process little; the interop
// tests use the ECDH class of the real helper.
import { createDecipheriv, createECDH, hkdfSync } from "node:crypto";
import { checkFrame } from "../contracts/frames";
import type { CaughtUpFrame, NotificationCreatedFrame } from "../../../contracts/types";
import { eventually } from "./patience";

export type Hint = {
  id: string;
  seq: number;
  unread: number | null;
  title: string;
  at: number;
  connection: number;
  live: boolean;
};

const created: NotificationCreatedFrame["event"] = "observation/signal/notification/created";
const info = "ignis-ecdh-p256-aes-256-gcm-v1";

/** What a client does with a WebSocket. */
export type Channel = Pick<WebSocket, "onopen" | "onclose" | "onerror" | "onmessage" | "send" | "close">;

export class StreamClient {
  readonly hints: Hint[] = [];
  readonly other: { event: string; data?: any }[] = []; // direct pushes, errors, pongs
  readonly keys: string[] = []; // AES keys of all connections, base64: they must be in no log
  connection = 0;
  id = ""; // the server's name for this connection
  connected = false;
  closed: { code: number; reason: string } | null = null;
  since = 0; // every seq up to here was heard
  caughtUp: CaughtUpFrame["data"] | null = null;
  private readonly ahead = new Set<number>(); // heard, beyond a gap
  private socket: Channel | null = null;
  private heartbeat: Timer | null = null;

  constructor(
    readonly user: string,
    readonly token: string,
  ) {}

  /** Resolves at `connected`, or with `since` at `caught-up`. */
  async connect(url: string, options: { since?: number; epoch?: string } = {}): Promise<void> {
    const ecdh = createECDH("prime256v1");
    const clientPublicKey = ecdh.generateKeys("base64");
    const connection = ++this.connection;
    let key: Buffer | null = null;
    this.connected = false;
    this.closed = null;
    this.caughtUp = null;
    const socket = this.dial(url);
    this.socket = socket;
    socket.onopen = () =>
      socket.send(
        JSON.stringify({
          event: "authenticate",
          data: { type: "Bearer", token: this.token, clientPublicKey, ...options },
        }),
      );
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.closed = { code: event.code, reason: event.reason };
      this.connected = false;
    };
    socket.onerror = () => undefined;
    socket.onmessage = (message) => {
      let frame = JSON.parse(String(message.data));
      checkFrame(frame);
      if (frame.event === "connected") {
        const secret = ecdh.computeSecret(frame.data.serverPublicKey, "base64");
        key = Buffer.from(hkdfSync("sha256", secret, Buffer.from(frame.data.salt, "base64"), info, 32));
        this.keys.push(key.toString("base64"));
        this.id = frame.data.id;
        this.connected = true;
        return;
      }
      if (frame.event === "encrypted") {
        frame = JSON.parse(open(key!, frame.data));
        checkFrame(frame);
      }
      this.take(frame, connection);
    };
    this.heartbeat ??= setInterval(() => {
      if (this.connected) this.socket?.send('{"event":"heartbeat"}');
    }, 25_000);
    await eventually(
      () => (options.since === undefined ? this.connected : this.caughtUp) || this.closed,
      35_000,
      `${this.user} to be connected`,
    );
    if (this.closed)
      throw new Error(
        `${this.user}: closed ${this.closed!.code} ${this.closed!.reason} ${JSON.stringify(this.other.slice(-2))}`,
      );
  }

  /** Comes back with `since`, again until it has everything. */
  async catchUp(url: string): Promise<number> {
    for (let attempt = 1; ; ++attempt) {
      this.close();
      await this.connect(url, { since: this.since });
      if (this.caughtUp!.complete) return attempt;
      if (attempt === 50) throw new Error(`${this.user} is still not caught up after 50 connections`);
    }
  }

  protected dial(url: string): Channel {
    return new WebSocket(url);
  }

  send(frame: unknown) {
    this.socket!.send(JSON.stringify(frame));
  }
  close() {
    if (this.heartbeat) clearInterval(this.heartbeat);
    this.heartbeat = null;
    const socket = this.socket;
    this.socket = null;
    this.connected = false;
    if (socket) {
      socket.onmessage = null;
      socket.close();
    }
  }
  heard(title: string): Hint | undefined {
    return this.hints.find((hint) => hint.title === title);
  }

  private take(frame: any, connection: number) {
    if (frame.event === created) {
      this.hints.push({
        id: frame.data.id,
        seq: frame.seq,
        unread: frame.unread ?? null,
        title: frame.data.title,
        at: performance.now(),
        connection,
        live: frame.unread !== undefined, // a caught-up row comes without `unread`
      });
      this.ahead.add(frame.seq);
      while (this.ahead.delete(this.since + 1)) ++this.since;
    } else if (frame.event === "caught-up") {
      this.caughtUp = frame.data;
      this.since = Math.max(this.since, frame.data.seq);
      while (this.ahead.delete(this.since + 1)) ++this.since;
    } else {
      this.other.push(frame);
    }
  }
}

function open(key: Buffer, sealed: { iv: string; ct: string }): string {
  const text = Buffer.from(sealed.ct, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(sealed.iv, "base64"));
  decipher.setAuthTag(text.subarray(text.length - 16));
  return decipher.update(text.subarray(0, -16), undefined, "utf8") + decipher.final("utf8");
}
