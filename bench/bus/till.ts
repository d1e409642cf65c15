// A client that keeps nothing: it decrypts what comes and hands it on at once, so that thousands fit into one process
// and hours into its memory.
import { createDecipheriv, createECDH, hkdfSync } from "node:crypto";

const info = "ignis-ecdh-p256-aes-256-gcm-v1";

export class Till {
  id = ""; // the connection's client id
  closed: { code: number; reason: string } | null = null;
  onFrame: (event: string, data: any) => void = () => undefined;
  private socket!: WebSocket;
  private heartbeat: Timer | null = null;
  private ponged: (() => void) | null = null;

  constructor(readonly user: string) {}

  /** Resolves at `connected`. */
  connect(url: string, token: string): Promise<void> {
    const ecdh = createECDH("prime256v1");
    const clientPublicKey = ecdh.generateKeys("base64");
    let key: Buffer | null = null;
    const socket = new WebSocket(url);
    this.socket = socket;
    return new Promise((connected, failed) => {
      socket.onopen = () =>
        socket.send(JSON.stringify({ event: "authenticate", data: { type: "Bearer", token, clientPublicKey } }));
      socket.onerror = () => undefined; // `close` follows
      socket.onclose = ({ code, reason }) => {
        this.closed = { code, reason };
        if (this.heartbeat) clearInterval(this.heartbeat);
        failed(new Error(`${this.user}: closed ${code} ${reason}`));
      };
      socket.onmessage = (message) => {
        const frame = JSON.parse(String(message.data));
        if (key) return this.take(JSON.parse(open(key, frame.data)));
        if (frame.event !== "connected") return failed(new Error(`${this.user}: ${message.data}`));
        key = Buffer.from(
          hkdfSync(
            "sha256",
            ecdh.computeSecret(frame.data.serverPublicKey, "base64"),
            Buffer.from(frame.data.salt, "base64"),
            info,
            32,
          ),
        );
        this.id = frame.data.id;
        this.heartbeat = setInterval(() => this.send({ event: "heartbeat" }), 25_000);
        connected();
      };
    });
  }

  /** Not answered: see everybodyIn(). */
  join(rooms: string[]) {
    this.send({ event: "join", data: { rooms } });
  }
  ping(): Promise<void> {
    return new Promise((done) => {
      this.ponged = done;
      this.send({ event: "ping", id: "load" });
    });
  }
  close() {
    if (this.heartbeat) clearInterval(this.heartbeat);
    this.socket.onclose = null;
    this.socket.close();
  }

  private send(frame: unknown) {
    this.socket.send(JSON.stringify(frame));
  }
  private take(frame: { event: string; data?: any }) {
    if (frame.event === "pong") this.ponged?.();
    else this.onFrame(frame.event, frame.data);
  }
}

/** Connects many, `abreast` at a time: handshakes are what costs. */
export async function connectAll(
  tills: Till[],
  url: (till: Till, n: number) => string,
  token: (user: string) => Promise<string>,
  abreast = 40,
): Promise<void> {
  for (let first = 0; first < tills.length; first += abreast) {
    await Promise.all(
      tills
        .slice(first, first + abreast)
        .map(async (till, n) => till.connect(url(till, first + n), await token(till.user))),
    );
  }
}

function open(key: Buffer, sealed: { iv: string; ct: string }): string {
  const text = Buffer.from(sealed.ct, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(sealed.iv, "base64"));
  decipher.setAuthTag(text.subarray(text.length - 16));
  return decipher.update(text.subarray(0, -16), undefined, "utf8") + decipher.final("utf8");
}
