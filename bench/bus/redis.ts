// A real redis-server of a run's own, and a raw connection to it that pipelines, as the services that push do.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../tests/system/harness/patience";

/** A port of loopback that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

export class RedisServer {
  private child: Bun.Subprocess | null = null;
  private constructor(readonly port: number, private readonly folder: string) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), "signal-redis-")));
    await server.launch();
    return server;
  }

  get url() { return `redis://127.0.0.1:${this.port}`; }
  get pid() { return this.child!.pid; }
  get log() { return readFileSync(`${this.folder}/log`, "utf8"); }

  /** Starts it (again) on the same port, without data, and waits until it answers. Everything else is Redis' default. */
  async launch(): Promise<void> {
    this.child = Bun.spawn(["redis-server", "--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder, "--logfile", "log", "--save", "", "--appendonly", "no"],
      { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    await eventually(async () => {
      const connection = await RedisConnection.open(this.port);
      connection.close();
      return true;
    }, 10_000, "redis-server to answer");
  }
  async end(): Promise<void> {
    this.child!.kill("SIGTERM");
    await this.child!.exited;
  }
  async remove(): Promise<void> {
    this.child!.kill("SIGKILL");
    await this.child!.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A section of INFO. */
  async info(section: string): Promise<Map<string, string>> {
    const connection = await RedisConnection.open(this.port);
    const text = String(await connection.command("INFO", section));
    connection.close();
    return new Map(text.split("\r\n").filter((line) => line.includes(":")).map((line) => line.split(":") as [string, string]));
  }
}

type Answer = string | number | null;

/** RESP2, answers in the order of the commands: integers, strings and errors, which reject. */
export class RedisConnection {
  private rest: Buffer = Buffer.alloc(0);
  private readonly waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  private constructor(private readonly socket: Socket) {
    socket.on("data", (chunk: Buffer) => this.take(chunk));
    socket.on("close", () => { for (const one of this.waiting.splice(0)) one.reject(new Error("the connection to Redis ended")); });
  }

  static async open(port: number): Promise<RedisConnection> {
    const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
    await new Promise<void>((done, failed) => socket.once("connect", done).once("error", failed));
    socket.on("error", () => undefined);   // "close" follows
    const connection = new RedisConnection(socket);
    await connection.command("PING");      // a server that is still loading refuses here
    return connection;
  }

  command(...words: string[]): Promise<Answer> { return this.pipeline([words])[0]!; }

  /** All in one write. */
  pipeline(commands: string[][]): Promise<Answer>[] {
    const answers = commands.map(() => new Promise<Answer>((resolve, reject) => this.waiting.push({ resolve, reject })));
    this.socket.write(commands.map((words) => `*${words.length}\r\n` + words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")).join(""));
    return answers;
  }
  close() { this.socket.destroy(); }

  private take(chunk: Buffer) {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (let begin = 0; ;) {
      const end = this.rest.indexOf("\r\n", begin);
      let next = end + 2;
      const line = end < 0 ? "" : this.rest.toString("utf8", begin + 1, end);
      const kind = end < 0 ? "" : String.fromCharCode(this.rest[begin]!);
      let answer: Answer = kind === ":" ? Number(line) : line;
      if (kind === "$" && Number(line) >= 0) {
        answer = this.rest.toString("utf8", next, next + Number(line));
        next += Number(line) + 2;
      } else if (kind === "$") {
        answer = null;
      }
      if (end < 0 || next > this.rest.length) {
        this.rest = this.rest.subarray(begin);
        return;
      }
      begin = next;
      const one = this.waiting.shift();
      if (kind === "-") one?.reject(new Error(line)); else one?.resolve(answer);
    }
  }
}
