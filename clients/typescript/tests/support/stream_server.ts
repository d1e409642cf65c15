// The server's half of the stream on a socket that a test holds in its hand, with real keys.
import { fromBase64, toBase64, type Sealed } from "../../packages/client/src/crypto";
import { settle } from "./manual_clock";

const curve = { name: "ECDH", namedCurve: "P-256" };
const info = "ignis-ecdh-p256-aes-256-gcm-v1";

export class ServedSocket {
  static all: ServedSocket[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly received: any[] = [];
  /** False once the client has let go of it. */
  held = true;
  #s2c!: CryptoKey;
  #c2s!: CryptoKey;
  #iv = 0;
  constructor(readonly url: string) {
    ServedSocket.all.push(this);
  }
  static get last() {
    return ServedSocket.all.at(-1)!;
  }

  send(text: string) {
    this.received.push(JSON.parse(text));
  }
  close() {
    this.held = false;
    this.readyState = 3;
  }

  /** Lets the client in: what it has said in clear is `received`. */
  async accept(userId: string | number = "u1", time = "2026-11-23T08:44:45.117Z") {
    this.readyState = 1;
    this.onopen!();
    await settle();
    const theirs = await crypto.subtle.importKey(
      "raw",
      fromBase64(this.received[0].data.clientPublicKey),
      curve,
      false,
      [],
    );
    const pair = (await crypto.subtle.generateKey(curve, false, ["deriveBits"])) as CryptoKeyPair;
    const salt = crypto.getRandomValues(new Uint8Array(32));
    const shared = await crypto.subtle.importKey(
      "raw",
      await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256),
      "HKDF",
      false,
      ["deriveKey"],
    );
    const derive = (text: string, use: KeyUsage) =>
      crypto.subtle.deriveKey(
        { name: "HKDF", hash: "SHA-256", salt, info: new TextEncoder().encode(text) },
        shared,
        { name: "AES-GCM", length: 256 },
        false,
        [use],
      );
    this.#s2c = await derive(info, "encrypt");
    this.#c2s = await derive(`${info}/c2s`, "decrypt");
    const serverPublicKey = toBase64(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
    this.#write({ event: "connected", data: { id: "c1", userId, time, serverPublicKey, salt: toBase64(salt) } });
    await settle();
  }
  async sealed(frame: unknown): Promise<Sealed> {
    const iv = new Uint8Array(12);
    new DataView(iv.buffer).setUint32(8, ++this.#iv);
    return {
      iv: toBase64(iv),
      ct: toBase64(
        new Uint8Array(
          await crypto.subtle.encrypt(
            { name: "AES-GCM", iv },
            this.#s2c,
            new TextEncoder().encode(JSON.stringify(frame)),
          ),
        ),
      ),
    };
  }
  async say(...frames: unknown[]) {
    const all = await Promise.all(frames.map((frame) => this.sealed(frame)));
    for (const data of all) this.#write({ event: "encrypted", data });
    await settle();
  }
  sayInClear(frame: unknown) {
    this.#write(frame);
  }
  #write(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  async end(code: number, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
    await settle();
  }
  /** The frames that the client has sent after `authenticate`, opened. */
  async heard(): Promise<any[]> {
    await settle();
    return Promise.all(
      this.received.slice(1).map(async ({ event, data }) => {
        if (event !== "encrypted") return { inClear: event };
        return JSON.parse(
          new TextDecoder().decode(
            await crypto.subtle.decrypt({ name: "AES-GCM", iv: fromBase64(data.iv) }, this.#c2s, fromBase64(data.ct)),
          ),
        );
      }),
    );
  }
}
