// A connection of a service that pushes: many PUBLISH in one write, and whether Redis has taken them.
import { createConnection, type Socket } from "node:net";

export class Pipeline {
  private rest = "";
  private readonly waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  private constructor(private readonly socket: Socket) {
    socket.on("error", () => undefined); // "close" follows
    socket.on("close", () => {
      for (const one of this.waiting.splice(0)) one.reject(new Error("the connection to Redis ended"));
    });
    socket.on("data", (bytes) => {
      const lines = (this.rest + bytes.toString("latin1")).split("\r\n");
      this.rest = lines.pop()!;
      for (const line of lines) {
        const one = this.waiting.shift();
        if (line.startsWith(":")) one?.resolve();
        else one?.reject(new Error(line));
      }
    });
  }

  static async open(port: number): Promise<Pipeline> {
    const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
    await new Promise<void>((done, failed) => socket.once("connect", done).once("error", failed));
    return new Pipeline(socket);
  }

  /** Resolves when Redis has taken all of them. */
  async publish(messages: { channel: string; message: string }[]): Promise<void> {
    const taken = messages.map(() => new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject })));
    const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
    const command = (channel: string, message: string) => `*3\r\n$7\r\nPUBLISH\r\n${bulk(channel)}${bulk(message)}`;
    this.socket.write(messages.map(({ channel, message }) => command(channel, message)).join(""));
    await Promise.all(taken);
  }
  close() {
    this.socket.destroy();
  }
}
