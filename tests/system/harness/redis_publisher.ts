// A producer on one plain connection: it knows of each PUBLISH whether and when Redis has confirmed it. No resending,
// no queue: what fails has failed.
import { connect, type Socket } from "node:net";

export class RedisPublisher {
  private socket: Socket | null = null;
  private waiting: { resolve: (subscribers: number) => void; reject: (error: Error) => void }[] = [];
  private rest = "";
  connections = 0;

  constructor(readonly port: number) {}
  get open() {
    return this.socket !== null;
  }

  /** A new connection; rejects when there is none to be had. */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: "127.0.0.1", noDelay: true });
      const lost = (error: Error) => {
        if (this.socket === socket) this.socket = null;
        for (const one of this.waiting.splice(0)) one.reject(error);
        reject(error);
        socket.destroy();
      };
      socket.on("connect", () => {
        this.socket = socket;
        this.rest = "";
        ++this.connections;
        resolve();
      });
      socket.on("error", lost);
      socket.on("close", () => lost(new Error("closed")));
      socket.on("data", (bytes) => {
        const lines = (this.rest + bytes.toString("latin1")).split("\r\n");
        this.rest = lines.pop()!;
        for (const line of lines) {
          const one = this.waiting.shift();
          if (line.startsWith(":")) one?.resolve(Number(line.slice(1)));
          else one?.reject(new Error(line));
        }
      });
    });
  }

  /** Resolves when Redis has taken it. */
  publish(channel: string, message: string | Buffer): Promise<number> {
    if (!this.socket) return Promise.reject(new Error("not connected"));
    this.socket.write(
      `*3\r\n$7\r\nPUBLISH\r\n$${Buffer.byteLength(channel)}\r\n${channel}\r\n$${Buffer.byteLength(message)}\r\n`,
    );
    this.socket.write(message);
    this.socket.write("\r\n");
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }
  close() {
    this.socket?.destroy();
    this.socket = null;
  }
}

export const envelope = (type: string, target: string, event: string, data: unknown) =>
  JSON.stringify({ serverId: "emitter", type, target, event, data });
