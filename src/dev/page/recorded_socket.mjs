// The frames of the clients, recorded outside of them: each as its socket carries it, and its content as it passes
// WebCrypto. The client has no interface for that, and an app needs none. Nothing here can throw into the client: what
// hears of a frame runs in a microtask of its own.

const kept = 200;
const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const text = (bytes) => new TextDecoder().decode(bytes);

// Both by the IV of the envelope in base64. They hold frames of several connections, each with keys of its own; IVs of
// two connections differ because the server's begin with 4 random bytes of the connection, and a client's are random.
const sealed = new Map(); // the content of a frame that is about to be sent
const unopened = new Map(); // a frame that has arrived and that its client has not opened yet: {socket, show}

function take(map, iv) {
  const value = map.get(iv);
  map.delete(iv);
  return value;
}
const oldest = (map) => map.keys().next().value;
const giveUp = (iv) => take(unopened, iv)?.show("The client did not open it.");

const { decrypt, encrypt } = SubtleCrypto.prototype;
SubtleCrypto.prototype.encrypt = function (algorithm, key, data) {
  sealed.set(toBase64(algorithm.iv), text(data));
  if (sealed.size > kept) sealed.delete(oldest(sealed));
  return encrypt.call(this, algorithm, key, data);
};
SubtleCrypto.prototype.decrypt = async function (algorithm, key, data) {
  const frame = take(unopened, toBase64(algorithm.iv));
  let content;
  try {
    content = await decrypt.call(this, algorithm, key, data);
  } catch (error) {
    frame?.show(`It cannot be decrypted: ${error.name}.`);
    throw error;
  }
  frame?.show(text(content));
  return content;
};

/** The IV of an envelope; null for every other frame, whatever is wrong with it. */
function ivOf(wire) {
  try {
    const { event, data } = JSON.parse(wire);
    return event === "encrypted" && typeof data.iv === "string" ? data.iv : null;
  } catch {
    return null;
  }
}

let count = 0; // of all frames on this page

/**
 * A WebSocket for the client that tells of each frame, once.
 * @param tell  ({number, direction: "in"|"out", wire, opened}): `number` is the place of the frame among all frames of
 *              this page, by its arrival; `wire` is the text on the network; `opened` its decrypted content, or why
 *              there is none; null for a frame in clear
 */
export const recordedSocket = (tell) => {
  /** Returns what tells of the frame, once its content is known. */
  const arrival = (direction, wire) => {
    const number = ++count;
    return (opened) => queueMicrotask(() => tell({ number, direction, wire, opened }));
  };
  return class extends WebSocket {
    constructor(url) {
      super(url);
      this.addEventListener("message", ({ data: wire }) => {
        const iv = ivOf(wire);
        const show = arrival("in", wire);
        if (iv === null) return show(null);
        giveUp(iv); // a repeated IV: the earlier frame is told of, too
        unopened.set(iv, { socket: this, show });
        if (unopened.size > kept) giveUp(oldest(unopened));
      });
      this.addEventListener("close", () => {
        for (const [iv, { socket }] of unopened) if (socket === this) giveUp(iv);
      });
    }

    send(wire) {
      super.send(wire);
      const iv = ivOf(wire);
      arrival("out", wire)(iv === null ? null : (take(sealed, iv) ?? "Its content was not recorded."));
    }
  };
};
