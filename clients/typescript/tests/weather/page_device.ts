// The device whose page is in a browser: serves the page from an address of its own, and calls it over a WebSocket.
import type { Server, ServerWebSocket } from "bun";
import { patience } from "../../../../tests/system/support/signal";
import type { Click, Device, Look, PageOptions, StorageState } from "./device";

const answerWithinMs = 20_000;
const html = `<!doctype html><meta charset="utf-8"><title>weather</title><link rel="icon" href="data:,">
<script type="module" src="/page.js"></script>`;

/** The page was loaded again or closed: what it was called for has no answer. */
export class PageGone extends Error {}

let script: Promise<string> | undefined;
const pageScript = () =>
  (script ??= Bun.build({
    entrypoints: [new URL("page.ts", import.meta.url).pathname],
    target: "browser",
  }).then(({ outputs }) => outputs[0]!.text()));

export class PageDevice implements Device {
  /** Closes the page. */
  onEnd: () => Promise<unknown> = async () => undefined;
  #server!: Server<undefined>;
  #page = Promise.withResolvers<ServerWebSocket<undefined>>();
  #calls = new Map<number, PromiseWithResolvers<any> & { socket: ServerWebSocket<undefined> }>();
  #count = 0;
  private constructor(private readonly token: (user: string) => Promise<string>) {}

  /**
   * `host`: a loopback address of its own for each page. Browsers count quotas of storages by host, and Firefox opens
   * one WebSocket of an address at a time.
   */
  static async serve(host: string, token: (user: string) => Promise<string>): Promise<PageDevice> {
    const device = new PageDevice(token);
    const text = await pageScript();
    device.#server = Bun.serve({
      port: 0,
      hostname: host,
      fetch: (request, server) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/control") return server.upgrade(request) ? undefined : new Response(null, { status: 400 });
        if (pathname === "/page.js") return new Response(text, { headers: { "content-type": "text/javascript" } });
        return new Response(html, { headers: { "content-type": "text/html" } });
      },
      websocket: {
        idleTimeout: 0,
        open: (socket) => device.#page.resolve(socket),
        message: (socket, data) => void device.#hear(socket, JSON.parse(String(data))),
        close: (socket) => {
          for (const one of device.#calls.values()) if (one.socket === socket) one.reject(new PageGone());
        },
      },
    });
    return device;
  }
  get url() {
    return `http://${this.#server.hostname}:${this.#server.port}/`;
  }

  async #hear(socket: ServerWebSocket<undefined>, message: any) {
    const { ask, user, call, result, error } = message;
    if (ask) {
      const token = await this.token(user).catch(() => null);
      return void socket.send(JSON.stringify({ answer: ask, token }));
    }
    const one = this.#calls.get(call);
    if (error) one?.reject(new Error(error));
    else one?.resolve(result);
  }
  async #call(method: keyof Device, ...given: unknown[]): Promise<any> {
    const late = Bun.sleep(answerWithinMs * patience).then(() => {
      throw new Error(`the page ${this.url} did not answer to ${method}`);
    });
    late.catch(() => undefined);
    const socket = await Promise.race([this.#page.promise, late]);
    const call = ++this.#count;
    const answered = { ...Promise.withResolvers<any>(), socket };
    this.#calls.set(call, answered);
    answered.promise.catch(() => undefined); // awaited below
    socket.send(JSON.stringify({ call, method, given }));
    return Promise.race([answered.promise, late]).finally(() => this.#calls.delete(call));
  }

  open = (page: PageOptions): Promise<void> => this.#call("open", page);
  /** The page is loaded again, without any `stop`; the next call waits for it. */
  async close(): Promise<Look> {
    const last = await this.#call("look");
    const left = await this.#page.promise;
    this.#page = Promise.withResolvers();
    left.send(JSON.stringify({ reload: true }));
    return last;
  }
  look = (): Promise<Look> => this.#call("look");
  click = (click: Click): Promise<boolean> => this.#call("click", click);
  resume = (): Promise<void> => this.#call("resume");
  sleep = (): Promise<void> => this.#call("sleep");
  wake = (longerMs: number): Promise<void> => this.#call("wake", longerMs);
  setClock = (wrongByMs: number): Promise<void> => this.#call("setClock", wrongByMs);
  setStorage = (state: StorageState): Promise<void> => this.#call("setStorage", state);
  async end() {
    await this.onEnd();
    this.#server.stop(true);
  }
}
