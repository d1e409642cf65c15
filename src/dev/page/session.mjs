// One user's connection: connect, authenticate, decrypt frames in order, keep alive, reconnect and catch up.
import { deriveFrameKey, makeKeys, openEnvelope } from "./handshake.mjs";

const heartbeatMs = 30_000; // three intervals fit into the server's heartbeat time-out
const backOffMs = { least: 1_000, most: 30_000 };

export class Session {
  #url;
  #inbox;
  #since;
  #on;
  #socket = null;
  #wanted = false;
  #failures = 0;
  #timer = null;
  #heartbeat = null;

  /**
   * @param since  () => the user's newest seq, read at each connect
   * @param on     {status(text: "connecting"|"live"|"waiting"|"offline"), frame(frame),
   *               wire({direction, wire, opened})}
   */
  constructor({ url, inbox, since, on }) {
    this.#url = url;
    this.#inbox = inbox;
    this.#since = since;
    this.#on = on;
  }

  connect() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#open();
  }

  disconnect() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    this.#socket?.close(1000);
    this.#socket = null;
    this.#on.status("offline");
  }

  #open() {
    this.#on.status("connecting");
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const keys = makeKeys();
    let frameKey = null;
    let order = Promise.resolve(); // decryption is asynchronous; frames are processed one after the other

    const send = (frame) => {
      const wire = JSON.stringify(frame);
      socket.send(wire);
      this.#on.wire({ direction: "out", wire, opened: null });
    };
    const isCurrent = () => this.#socket === socket;

    socket.onopen = async () => {
      try {
        const token = await this.#inbox.token();
        const { clientPublicKey } = await keys;
        if (isCurrent())
          send({ event: "authenticate", data: { type: "Bearer", token, clientPublicKey, since: this.#since() } });
      } catch {
        socket.close();
      }
    };
    const take = async (wire) => {
      let frame = JSON.parse(wire);
      if (frame.event === "encrypted") {
        const opened = await openEnvelope(frameKey, frame.data);
        if (!isCurrent()) return;
        this.#on.wire({ direction: "in", wire, opened });
        frame = JSON.parse(opened);
      } else {
        this.#on.wire({ direction: "in", wire, opened: null });
      }
      if (frame.event === "connected") {
        frameKey = await deriveFrameKey((await keys).privateKey, frame.data);
        if (!isCurrent()) return;
        this.#failures = 0;
        clearInterval(this.#heartbeat);
        this.#heartbeat = setInterval(() => {
          if (isCurrent() && socket.readyState === WebSocket.OPEN) send({ event: "heartbeat" });
        }, heartbeatMs);
        this.#on.status("live");
      }
      this.#on.frame(frame);
    };
    socket.onmessage = ({ data }) => {
      order = order.then(() => (isCurrent() ? take(data) : null)).catch(() => socket.close(1000));
    };
    socket.onclose = ({ code }) => {
      if (!isCurrent()) return;
      this.#socket = null;
      clearInterval(this.#heartbeat);
      if (!this.#wanted) return;
      if (code === 4003 || code === 4005) this.#inbox.forgetToken();
      // Full jitter, so that many clients do not reconnect at the same moment.
      const most = Math.min(backOffMs.most, backOffMs.least * 2 ** this.#failures++);
      this.#on.status("waiting");
      this.#timer = setTimeout(() => this.#open(), backOffMs.least / 2 + Math.random() * most);
    };
  }
}
