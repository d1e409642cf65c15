// A client as they exist: Bun's WebSocket and the ECDH class of @venizia/ignis-helpers, used as its documentation
// shows.
import { ECDH } from "@venizia/ignis-helpers";
import { checkFrame } from "../contracts/frames";
import { until } from "./signal";

export type Frame = { event: string; data?: any; [sibling: string]: any };

export class IgnisClient {
  readonly frames: Frame[] = []; // opened, in order of arrival
  readonly wire: string[] = []; // as they crossed the wire
  closed: { code: number; reason: string } | null = null;
  connected: any = null;
  private readonly ecdh = ECDH.withAlgorithm();
  private privateKey!: CryptoKey;
  private key: CryptoKey | null = null;
  private c2s: CryptoKey | null = null;
  private opening: Promise<void> = Promise.resolve();
  onFrame: ((frame: Frame) => void) | null = null;
  keepWire = true;

  private constructor(readonly socket: WebSocket) {}

  static async open(url: string): Promise<IgnisClient> {
    const socket = new WebSocket(url, { tls: { rejectUnauthorized: false } } as any);
    const client = new IgnisClient(socket);
    socket.onmessage = (message) => {
      const text = String(message.data);
      if (client.keepWire) client.wire.push(text);
      client.opening = client.opening.then(() => client.take(text));
    };
    socket.onclose = (event) => {
      client.opening = client.opening.then(() => {
        client.closed = { code: event.code, reason: event.reason };
      });
    };
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`no WebSocket at ${url}`));
    });
    socket.onerror = null;
    return client;
  }

  /** Opens, authenticates and waits for `connected`. */
  static async connect(url: string, token: string, more: Record<string, unknown> = {}): Promise<IgnisClient> {
    const client = await IgnisClient.open(url);
    await client.authenticate({ token, ...more });
    await until(() => client.connected ?? client.closed, 10_000, "connected");
    if (!client.connected)
      throw new Error(
        `closed ${client.closed!.code} ${client.closed!.reason}; frames ${JSON.stringify(client.frames)}`,
      );
    return client;
  }

  async authenticate(data: Record<string, unknown>): Promise<void> {
    const pair = await this.ecdh.generateKeyPair();
    this.privateKey = pair.keyPair.privateKey;
    this.send({ event: "authenticate", data: { type: "Bearer", clientPublicKey: pair.publicKeyB64, ...data } });
  }

  send(frame: unknown) {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** Sends the same frame inside an `encrypted` envelope under the client-to-server key. */
  async sendSealed(frame: unknown) {
    this.send({
      event: "encrypted",
      data: await this.ecdh.encrypt({ message: JSON.stringify(frame), secret: this.c2s! }),
    });
  }

  close(code = 1000) {
    this.socket.close(code);
  }
  async waitClosed(timeoutMs = 10_000) {
    return until(() => this.closed, timeoutMs, "the close");
  }
  async waitFrame(match: (frame: Frame) => boolean, timeoutMs = 10_000): Promise<Frame> {
    return until(() => this.frames.find(match), timeoutMs, "a frame");
  }
  events() {
    return this.frames.map((frame) => frame.event);
  }

  private async take(text: string) {
    let frame = JSON.parse(text) as Frame;
    checkFrame(frame);
    if (frame.event === "connected") {
      const peerPublicKey = await this.ecdh.importPublicKey({ rawKeyB64: frame.data.serverPublicKey });
      const salt = frame.data.salt;
      this.key = (await this.ecdh.deriveAESKey({ privateKey: this.privateKey, peerPublicKey, salt })).key;
      const inbound = ECDH.withAlgorithm({ hkdfInfo: "ignis-ecdh-p256-aes-256-gcm-v1/c2s" });
      this.c2s = (await inbound.deriveAESKey({ privateKey: this.privateKey, peerPublicKey, salt })).key;
      this.connected = frame.data;
      return;
    }
    if (frame.event === "encrypted") {
      frame = JSON.parse(await this.ecdh.decrypt({ message: frame.data, secret: this.key! }));
      checkFrame(frame);
    } else frame.inClear = true;
    this.frames.push(frame);
    this.onFrame?.(frame);
  }
}
