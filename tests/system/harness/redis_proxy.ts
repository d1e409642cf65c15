// A TCP proxy before a Redis, for what a network does: slow, mute, cut in the middle of a message, swallowing bytes.
import { connect, createServer, type Server, type Socket } from "node:net";

export type Mode = "pass" | "mute" | "slow" | "lossy" | "refuse";

export class RedisProxy {
  mode: Mode = "pass";
  cutAfter: number | null = null; // bytes of the server's, then the connection is reset in mid-message
  private readonly pairs = new Set<Socket>();
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static start(target: number): Promise<RedisProxy> {
    return new Promise((resolve) => {
      const server = createServer({ noDelay: true }, (client) => {
        if (proxy.mode === "refuse") return void client.destroy();
        const upstream = connect({ port: target, host: "127.0.0.1", noDelay: true });
        for (const one of [client, upstream]) {
          proxy.pairs.add(one);
          one.on("error", () => undefined);
          one.on("close", () => {
            proxy.pairs.delete(one);
            client.destroy();
            upstream.destroy();
          });
        }
        client.on("data", (bytes) => proxy.pass(bytes, upstream));
        upstream.on("data", (bytes) => {
          if (proxy.cutAfter !== null) {
            const rest = bytes.subarray(0, proxy.cutAfter);
            proxy.cutAfter -= bytes.length;
            if (proxy.cutAfter <= 0) {
              proxy.cutAfter = null;
              client.write(rest, () => client.destroy());
              return;
            }
          }
          proxy.pass(bytes, client);
        });
      });
      let proxy!: RedisProxy;
      server.listen(0, "127.0.0.1", () => {
        proxy = new RedisProxy(server, (server.address() as { port: number }).port);
        resolve(proxy);
      });
    });
  }
  private pass(bytes: Buffer, to: Socket) {
    if (this.mode === "mute") return; // accepted, never answered
    if (this.mode === "slow") return void setTimeout(() => to.write(bytes), 300);
    if (this.mode === "lossy" && Math.random() < 0.2) return; // the stream is broken from here on
    to.write(bytes);
  }
  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }
  cut() {
    for (const one of this.pairs) one.destroy();
  }
  end(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
