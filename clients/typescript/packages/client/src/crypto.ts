// Keys of one connection, and what is sealed and opened with them: docs/protocol.md#key-agreement.
const utf8 = new TextEncoder();
const info = "ignis-ecdh-p256-aes-256-gcm-v1";
const curve = { name: "ECDH", namedCurve: "P-256" };

export interface Sealed {
  iv: string;
  ct: string;
}
export interface FrameKeys {
  open: CryptoKey;
  seal: CryptoKey;
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** A fresh pair: the public half as `authenticate` wants it. */
export async function makeKeys(): Promise<{ privateKey: CryptoKey; clientPublicKey: string }> {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey(curve, false, ["deriveBits"])) as CryptoKeyPair;
  return { privateKey, clientPublicKey: toBase64(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey))) };
}

/** The keys of both directions, from the data of `connected`. */
export async function deriveKeys(
  privateKey: CryptoKey,
  server: { serverPublicKey: string; salt: string },
): Promise<FrameKeys> {
  const { subtle } = crypto;
  const publicKey = await subtle.importKey("raw", fromBase64(server.serverPublicKey), curve, false, []);
  const shared = await subtle.importKey(
    "raw",
    await subtle.deriveBits({ name: "ECDH", public: publicKey }, privateKey, 256),
    "HKDF",
    false,
    ["deriveKey"],
  );
  const derive = (suffix: string, use: KeyUsage) =>
    subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: fromBase64(server.salt), info: utf8.encode(info + suffix) },
      shared,
      { name: "AES-GCM", length: 256 },
      false,
      [use],
    );
  const [open, seal] = await Promise.all([derive("", "decrypt"), derive("/c2s", "encrypt")]);
  return { open, seal };
}

/** Rejects when the key is another one, or a byte has changed. */
export async function open(key: CryptoKey, { iv, ct }: Sealed): Promise<string> {
  return new TextDecoder().decode(
    await crypto.subtle.decrypt({ name: "AES-GCM", iv: fromBase64(iv) }, key, fromBase64(ct)),
  );
}

/** The IV is random: the server refuses a repeated one for what must not be repeated. */
export async function seal(key: CryptoKey, text: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return {
    iv: toBase64(iv),
    ct: toBase64(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, utf8.encode(text)))),
  };
}
