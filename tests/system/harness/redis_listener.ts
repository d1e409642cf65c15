// Everything that is published on one Redis, as a subscriber to `*` hears it: one plain connection of its own.
import { connect, type Socket } from "node:net";
import { checkBus } from "../contracts/frames";
import { eventually } from "./patience";

export type Published = { channel: string; message: string };

export class RedisListener {
  readonly heard: Published[] = []; // in order; without what instances say to themselves and about themselves
  aside = 0; // their probes and announcements
  private rest: Buffer = Buffer.alloc(0);
  private subscribed = false;
  private constructor(private readonly socket: Socket) {}

  /** Resolves when the subscription is confirmed. `auth`: arguments of AUTH. */
  static async start(port: number, auth: string[] = []): Promise<RedisListener> {
    const listener = new RedisListener(connect({ port, host: "127.0.0.1" }));
    listener.socket.on("error", () => undefined);
    listener.socket.on("data", (bytes) => listener.take(bytes));
    if (auth.length > 0) listener.socket.write(`AUTH ${auth.join(" ")}\r\n`);
    listener.socket.write("PSUBSCRIBE *\r\n");
    await eventually(() => listener.subscribed, 10_000, `the subscription to * on port ${port}`);
    return listener;
  }
  channels(): string[] {
    return this.heard.map((one) => one.channel);
  }
  end() {
    this.socket.destroy();
  }

  private take(bytes: Buffer) {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    for (let at = 0; ; ) {
      const read = words(this.rest, at);
      if (!read) {
        this.rest = this.rest.subarray(at);
        return;
      }
      at = read.next;
      const [kind, , channel, message] = read.words;
      if (kind === "psubscribe") this.subscribed = true;
      if (kind !== "pmessage") continue;
      checkBus(channel!, message!);
      if (/^signal:(probe:|instances$)/.test(channel!)) ++this.aside;
      else this.heard.push({ channel: channel!, message: message! });
    }
  }
}

/** The RESP2 value at `begin`: an array's members as text, or one line; undefined when it is not all there. */
function words(bytes: Buffer, begin: number): { words: string[]; next: number } | undefined {
  const line = (at: number) => {
    const end = bytes.indexOf("\r\n", at);
    return end < 0 ? undefined : { text: bytes.toString("utf8", at, end), next: end + 2 };
  };
  const head = line(begin);
  if (!head) return undefined;
  if (!head.text.startsWith("*")) return { words: [head.text], next: head.next };
  const found: string[] = [];
  let at = head.next;
  for (let left = Number(head.text.slice(1)); left > 0; --left) {
    const one = line(at);
    if (!one) return undefined;
    at = one.next;
    if (!one.text.startsWith("$")) {
      found.push(one.text.slice(1));
      continue;
    }
    const size = Number(one.text.slice(1));
    if (bytes.length < at + size + 2) return undefined;
    found.push(bytes.toString("utf8", at, at + size));
    at += size + 2;
  }
  return { words: found, next: at };
}
