// A push to oneself, from the request to the decrypted frame.
import { byId, element } from "./elements.mjs";
import { duration } from "./format.mjs";
import { deriveFrameKey, makeKeys, openEnvelope } from "./handshake.mjs";

const patienceMs = 15_000;

const streamUrl = () => {
  const path = document.querySelector('meta[name="signal-stream"]').content;
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
};

/** One connection to the stream: authenticates, then gives each decrypted frame to `heard`. */
class Stream {
  #socket = new WebSocket(streamUrl());
  #key = null;

  /** @param on  {connected(), frame(frame), ended(reason)} */
  constructor(token, on) {
    const keys = makeKeys();
    let order = Promise.resolve(); // decryption is asynchronous; frames are processed one after the other
    this.#socket.onopen = async () => {
      const { clientPublicKey } = await keys;
      this.#socket.send(JSON.stringify({ event: "authenticate", data: { type: "Bearer", token, clientPublicKey } }));
    };
    this.#socket.onmessage = ({ data }) => {
      order = order
        .then(async () => {
          const frame = JSON.parse(data);
          if (frame.event === "connected") {
            this.#key = await deriveFrameKey((await keys).privateKey, frame.data);
            on.connected();
          } else if (frame.event === "encrypted") {
            on.frame(JSON.parse(await openEnvelope(this.#key, frame.data)));
          }
        })
        .catch((error) => on.ended(`A frame could not be read: ${error.message}`));
    };
    this.#socket.onclose = ({ code, reason }) => on.ended(closedBecause(code, reason));
  }

  close() {
    this.#socket.onclose = null;
    this.#socket.close(1000);
  }
}

const closedBecause = (code, reason) =>
  code === 1006
    ? "The WebSocket was refused or broke. Is the address of this page in SIGNAL_CORS_ORIGINS? " +
      "Does the proxy pass WebSockets?"
    : `The server closed the connection with ${code}${reason ? `: ${reason}` : ""}.`;

export class TestPush {
  #api;
  #button = byId("push");
  #steps = byId("push-steps");
  #problem = byId("push-problem");
  #stream = null;

  constructor(api) {
    this.#api = api;
    this.#button.addEventListener("click", () => this.#run());
  }

  clear() {
    this.#stream?.close();
    this.#stream = null;
    this.#steps.replaceChildren();
    this.#problem.textContent = "";
  }

  #step(text) {
    this.#steps.append(element("li", { "data-testid": "push-step" }, text));
  }

  async #run() {
    this.clear();
    this.#button.disabled = true;
    try {
      if (!isSecureContext) throw new Error("This needs https or localhost: elsewhere the browser has no WebCrypto.");
      await this.#push();
    } catch (error) {
      this.#problem.textContent = error.message;
    } finally {
      this.#stream?.close();
      this.#stream = null;
      this.#button.disabled = false;
    }
  }

  async #push() {
    const heard = []; // pushes that came before the answer of the route
    let connected, arrived, failed;
    const ended = new Promise((_, reject) => {
      failed = reject;
    });
    ended.catch(() => undefined);
    const isConnected = new Promise((done) => {
      connected = done;
    });
    let wanted = null;
    const hasArrived = new Promise((done) => {
      arrived = done;
    });
    const look = () => {
      if (wanted && heard.includes(wanted)) arrived();
    };
    const timer = setTimeout(
      () => failed(new Error(`Nothing arrived within ${duration(patienceMs)}. Is Redis reachable for all instances?`)),
      patienceMs,
    );
    this.#stream = new Stream(this.#api.token, {
      connected,
      frame: ({ event, data }) => {
        if (event === "observation/signal/test/pushed") heard.push(data.id);
        look();
      },
      ended: (reason) => failed(new Error(reason)),
    });
    try {
      await Promise.race([isConnected, ended]);
      this.#step("Connected: the handshake is complete and the frames are encrypted.");
      const sentAt = performance.now();
      const { body } = await this.#api.ask("/v1/operators/test-push", { method: "POST" });
      this.#step(`Sent to the user ${body.userId}.`);
      wanted = body.id;
      look();
      await Promise.race([hasArrived, ended]);
      this.#step(`Arrived and decrypted, ${duration(performance.now() - sentAt)} after the request.`);
    } finally {
      clearTimeout(timer);
    }
  }
}
