// The frames of the client, recorded outside of it: each as its socket carries it, and its content as it passes
// WebCrypto. The client has no interface for that, and an app needs none.

const kept = 200;
const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const text = (bytes) => new TextDecoder().decode(bytes);

// Both by the IV of the envelope in base64. An IV is never used twice with one key.
const sealed = new Map(); // the content of a frame that is about to be sent
const arrived = new Map(); // waits for the content of a frame that has arrived

function keep(map, iv, value) {
  map.set(iv, value);
  if (map.size > kept) map.delete(map.keys().next().value);
}
function take(map, iv) {
  const value = map.get(iv);
  map.delete(iv);
  return value;
}

const { decrypt, encrypt } = SubtleCrypto.prototype;
SubtleCrypto.prototype.encrypt = function (algorithm, key, data) {
  keep(sealed, toBase64(algorithm.iv), text(data));
  return encrypt.call(this, algorithm, key, data);
};
SubtleCrypto.prototype.decrypt = async function (algorithm, key, data) {
  const show = take(arrived, toBase64(algorithm.iv));
  try {
    const content = await decrypt.call(this, algorithm, key, data);
    show?.(text(content));
    return content;
  } catch (error) {
    show?.(`It cannot be decrypted: ${error.name}.`);
    throw error;
  }
};

/**
 * A WebSocket for the client that tells of each frame.
 * @param tell  ({direction: "in"|"out", wire, opened}): `wire` is the text on the network; `opened` its decrypted
 *              content, null for a frame in clear
 */
export const recordedSocket = (tell) =>
  class extends WebSocket {
    constructor(url) {
      super(url);
      this.addEventListener("message", ({ data: wire }) => {
        const { event, data } = JSON.parse(wire);
        if (event === "encrypted") keep(arrived, data.iv, (opened) => tell({ direction: "in", wire, opened }));
        else tell({ direction: "in", wire, opened: null });
      });
    }

    send(wire) {
      const { event, data } = JSON.parse(wire);
      super.send(wire);
      tell({ direction: "out", wire, opened: event === "encrypted" ? take(sealed, data.iv) : null });
    }
  };
