// A WebSocket client that can misbehave: every byte it sends is the test's own, over TCP or TLS.
import { connect as tcp, type Socket } from "node:net";
import { connect as tls } from "node:tls";
import { until } from "./signal";

export type RawFrame = { fin: boolean; opcode: number; payload: Buffer };
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** The head of a GET. */
export function requestHead(path: string, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
/** The head of a request that asks for a WebSocket. */
export const upgradeHead = (path: string, headers: Record<string, string>): string =>
  requestHead(path, {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...headers,
  });

export class RawClient {
  readonly frames: RawFrame[] = [];
  head = "";
  ended = false;
  answersClose = true; // as RFC 6455 §5.5.1 asks
  onFrame: ((frame: RawFrame) => void) | null = null; // as it is read
  onEnd: (() => void) | null = null;
  private rest: Buffer = Buffer.alloc(0);
  private constructor(readonly socket: Socket) {}

  /** Connects and sends nothing. */
  static async dial(url: string, localAddress?: string): Promise<RawClient> {
    const { hostname, port, protocol } = new URL(url);
    const secure = protocol === "wss:" || protocol === "https:";
    const line = tcp({ host: hostname, port: Number(port), localAddress });
    const socket: Socket = secure ? tls({ socket: line, rejectUnauthorized: false }) : line;
    const client = new RawClient(socket);
    socket.on("data", (chunk) => client.take(chunk));
    const end = () => {
      if (!client.ended) {
        client.ended = true;
        client.onEnd?.();
      }
    };
    for (const one of new Set([line, socket])) {
      one.on("close", end);
      one.on("error", end);
    }
    await new Promise<void>((resolve, reject) => {
      socket.once(secure ? "secureConnect" : "connect", () => resolve());
      socket.once("error", reject);
      line.once("error", reject);
      socket.once("close", () => reject(new Error(`${url}: closed before it was connected`)));
    });
    return client;
  }

  /** Upgrades; resolves with the status. */
  static async upgrade(url: string, headers: Record<string, string> = {}, localAddress?: string): Promise<RawClient> {
    const client = await RawClient.dial(url, localAddress);
    const { pathname, search, host } = new URL(url);
    client.write(upgradeHead(pathname + search, { Host: host, ...headers }));
    await client.response();
    return client;
  }

  get status() {
    return Number(this.head.split(" ")[1] ?? 0);
  }
  async response(timeoutMs = 10_000) {
    await until(() => this.head || this.ended, timeoutMs, "a response head");
    return this.status;
  }
  write(bytes: string | Buffer) {
    this.socket.write(bytes);
  }
  /** The text after the response head, as far as it has come. */
  body() {
    return this.rest.toString("utf8");
  }

  frame(opcode: number, payload: string | Buffer, bits: { fin?: boolean; rsv?: number; masked?: boolean } = {}) {
    const body = Buffer.from(payload); // a copy: masking is in place
    const { fin = true, rsv = 0, masked = true } = bits;
    const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
    const length =
      body.length < 126
        ? Buffer.from([body.length])
        : body.length < 65536
          ? Buffer.from([126, body.length >> 8, body.length & 255])
          : Buffer.concat([Buffer.from([127, 0, 0, 0, 0]), u32(body.length)]);
    if (masked) {
      length[0]! |= 0x80;
      for (let i = 0; i < body.length; ++i) body[i]! ^= mask[i % 4]!;
    }
    this.write(
      Buffer.concat([
        Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]),
        length,
        masked ? mask : Buffer.alloc(0),
        body,
      ]),
    );
  }
  text(payload: unknown) {
    this.frame(opcodes.text, typeof payload === "string" ? payload : JSON.stringify(payload));
  }

  /** The text frames received so far, parsed. */
  messages(): any[] {
    return this.frames
      .filter((frame) => frame.opcode === opcodes.text)
      .map((frame) => JSON.parse(frame.payload.toString("utf8")));
  }
  async waitMessages(count: number, timeoutMs = 10_000) {
    return until(
      () => this.messages().length >= count && this.messages(),
      timeoutMs,
      `${count} messages, got ${JSON.stringify(this.messages())}`,
    );
  }
  async waitClose(timeoutMs = 10_000): Promise<{ code: number; reason: string }> {
    const frame = await until(
      () => this.frames.find((one) => one.opcode === opcodes.close),
      timeoutMs,
      "a close frame",
    );
    return {
      code: frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005,
      reason: frame.payload.subarray(2).toString("utf8"),
    };
  }
  async waitEnd(timeoutMs = 10_000) {
    await until(() => this.ended, timeoutMs, "the end of the connection");
  }
  destroy() {
    this.socket.destroy();
  }

  private take(chunk: Buffer) {
    this.rest = Buffer.concat([this.rest, chunk]);
    if (!this.head) {
      const end = this.rest.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.head = this.rest.subarray(0, end).toString("latin1");
      this.rest = this.rest.subarray(end + 4);
    }
    if (this.status !== 101) return;
    for (;;) {
      if (this.rest.length < 2) return;
      let length = this.rest[1]! & 0x7f;
      let at = 2;
      if (length === 126) {
        if (this.rest.length < 4) return;
        length = this.rest.readUInt16BE(2);
        at = 4;
      } else if (length === 127) {
        if (this.rest.length < 10) return;
        length = Number(this.rest.readBigUInt64BE(2));
        at = 10;
      }
      if (this.rest.length < at + length) return;
      this.frames.push({
        fin: (this.rest[0]! & 0x80) !== 0,
        opcode: this.rest[0]! & 15,
        payload: this.rest.subarray(at, at + length),
      });
      this.rest = this.rest.subarray(at + length);
      const frame = this.frames.at(-1)!;
      this.onFrame?.(frame);
      if (frame.opcode === opcodes.close && this.answersClose) this.frame(opcodes.close, frame.payload.subarray(0, 2));
    }
  }
}

function u32(value: number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
