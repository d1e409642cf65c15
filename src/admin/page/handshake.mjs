// The client's half of the handshake in WebCrypto: P-256 ECDH, HKDF-SHA-256, AES-256-GCM (docs/protocol.md).
const info = new TextEncoder().encode("ignis-ecdh-p256-aes-256-gcm-v1");

const toBase64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** A key pair for one connection: {privateKey, clientPublicKey}. */
export async function makeKeys() {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  return {
    privateKey: pair.privateKey,
    clientPublicKey: toBase64(await crypto.subtle.exportKey("raw", pair.publicKey)),
  };
}

/** The key of every frame after `connected`, whose data contains serverPublicKey and salt. */
export async function deriveFrameKey(privateKey, { serverPublicKey, salt }) {
  const server = await crypto.subtle.importKey(
    "raw",
    fromBase64(serverPublicKey),
    { name: "ECDH", namedCurve: "P-256" },
    false,
    [],
  );
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, privateKey, 256);
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: fromBase64(salt), info },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["decrypt"],
  );
}

/** The decrypted text of {iv, ct}. Rejects when the decryption fails. */
export async function openEnvelope(key, { iv, ct }) {
  return new TextDecoder().decode(
    await crypto.subtle.decrypt({ name: "AES-GCM", iv: fromBase64(iv) }, key, fromBase64(ct)),
  );
}
