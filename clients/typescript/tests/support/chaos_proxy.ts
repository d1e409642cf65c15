// A TCP proxy that does to a client what networks do. It stands before several instances and takes the next one for
// each connection.
import { connect, createServer, type Server, type Socket } from "node:net";

interface Pair {
  client: Socket;
  upstream: Socket;
  mute: boolean;
}

export class ChaosProxy {
  #server: Server;
  #pairs = new Set<Pair>();
  #next = 0;
  /** New connections are reset at once. */
  refusing = false;
  /** New connections are accepted and nothing passes. */
  mute = false;
  accepted = 0;

  /** `upstreams`: host:port of each instance that lives. */
  private constructor(private readonly upstreams: () => string[]) {
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }
  static async start(upstreams: () => string[], host = "127.0.0.1"): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(upstreams);
    await new Promise<void>((resolve) => proxy.#server.listen(0, host, resolve));
    return proxy;
  }
  get url() {
    const { address, port } = this.#server.address() as { address: string; port: number };
    return `http://${address}:${port}`;
  }

  #accept(client: Socket) {
    ++this.accepted;
    const all = this.upstreams();
    if (this.refusing || all.length === 0) return void client.resetAndDestroy();
    const [host, port] = all[this.#next++ % all.length]!.split(":");
    const upstream = connect({ host, port: Number(port), noDelay: true });
    const pair: Pair = { client, upstream, mute: this.mute };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on("data", (bytes) => {
        if (!pair.mute) to.write(bytes);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        if (pair.mute && from === upstream) return; // a line that is half open says nothing of the other end
        this.#pairs.delete(pair);
        to.destroy();
      });
    }
  }

  /** All connections are reset. */
  cut() {
    for (const { client, upstream } of this.#pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }
  /** Nothing passes any more on the connections that are there; both ends stay. */
  silence() {
    for (const pair of this.#pairs) pair.mute = true;
  }
  /** Nothing passes until `resume`, and then everything does. */
  stall() {
    for (const { client, upstream } of this.#pairs) {
      client.pause();
      upstream.pause();
    }
  }
  resume() {
    for (const { client, upstream } of this.#pairs) {
      client.resume();
      upstream.resume();
    }
  }

  async end() {
    for (const { client, upstream } of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
