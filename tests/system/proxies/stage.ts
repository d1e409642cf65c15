// Two instances with the settings of docs/proxies.md#signals-settings, and before them each proxy that has a page, all
// at the same time.
import { RedisPublisher, envelope } from "../harness/redis_publisher";
import { Metrics } from "../harness/metrics";
import { bossOf } from "../harness/operator";
import type { RedisServer } from "../harness/redis";
import { Scene } from "../harness/scene";
import { AddressedClient } from "./addressed_client";
import { kinds, type Kind } from "./kinds";
import { filled, printed } from "./page";
import { Proxy } from "./proxy";

/** How long the silence lasts. Five minutes are what the pages' lengths of time are for; with fewer, they and the
 *  server's ping are shortened in proportion. */
export const idleSeconds = Number(process.env.SIGNAL_PROXIES_IDLE_SECONDS ?? 20);
export const divisor = Math.max(1, 300 / idleSeconds);
const defaultPingMs = 25_000; // docs/configuration.md#all-settings
export const pingMs = Math.round(defaultPingMs / divisor);
export const perAddress = 4;

type Page = { count: number; clients: { address: string; userId: string; instance: string; id: string }[] };

export class Stage {
  readonly proxies = new Map<Kind, Proxy>();
  readonly idle = new Map<Kind, AddressedClient>(); // nothing is said to these until the silence is over
  private constructor(
    readonly scene: Scene,
    readonly publisher: RedisPublisher,
    private readonly operator: string,
  ) {}

  static async open(): Promise<Stage> {
    const settings = Object.fromEntries(
      filled(printed("proxies.md", "/etc/nx-signal/nx-signal.env"), [["10.0.0.5,10.0.0.6", "127.0.0.1"]])
        .trim()
        .split("\n")
        .map((line) => line.split("=") as [string, string]),
    );
    const env = {
      ...settings,
      SIGNAL_WS_PING_INTERVAL_MS: String(pingMs),
      SIGNAL_WS_MAX_CONNECTIONS_PER_ADDRESS: String(perAddress),
    };
    const scene = await Scene.open({ instances: 2, env });
    const publisher = new RedisPublisher((scene.place.redis as RedisServer).port);
    await publisher.connect();
    const stage = new Stage(scene, publisher, await bossOf(scene));
    await scene.acquainted();
    await Promise.all(
      kinds.map(async (kind) => {
        stage.proxies.set(kind, await stage.before(kind));
      }),
    );
    for (const kind of kinds) stage.idle.set(kind, await stage.till(kind, `silent ${kind.name}`, 9, 9));
    return stage;
  }

  get upstreams(): [string, string] {
    return [this.scene.instances[0]!.address, this.scene.instances[1]!.address];
  }
  before(kind: Kind, shorter = divisor): Promise<Proxy> {
    return Proxy.open(kind, this.upstreams, shorter);
  }

  /** Each proxy's clients have a network of their own. */
  address(kind: Kind, third: number, fourth: number): string {
    return `127.${10 + kinds.indexOf(kind)}.${third}.${fourth}`;
  }
  kindOf(client: AddressedClient): Kind {
    return kinds[Number(client.from.split(".")[1]) - 10]!;
  }
  token(userId: string, more: Record<string, unknown> = {}) {
    return this.scene.stack.issuer.token({ userId, ...more });
  }

  async till(
    kind: Kind,
    user: string,
    third: number,
    fourth: number,
    options: { headers?: Record<string, string>; proxy?: Proxy; token?: string } = {},
  ): Promise<AddressedClient> {
    const client = new AddressedClient(
      user,
      options.token ?? (await this.token(user)),
      this.address(kind, third, fourth),
      options.headers,
    );
    await client.connect((options.proxy ?? this.proxies.get(kind)!).wss);
    return client;
  }
  push(user: string, event: string, data: unknown) {
    return this.publisher.publish(`ws:user:${user}`, envelope("user", user, event, data));
  }

  /** What an operator is told by way of the proxy. */
  async list(kind: Kind, query: string): Promise<Page["clients"]> {
    const found: Page["clients"] = [];
    for (let next: string | null = `?${query}&limit=100`; next !== null; ) {
      const answer: Response = await this.proxies
        .get(kind)!
        .fetch(`/v1/socket/websocket/clients${next}`, { headers: { authorization: `Bearer ${this.operator}` } });
      if (answer.status !== 200) throw new Error(`the list of clients: ${answer.status} ${await answer.text()}`);
      found.push(...((await answer.json()) as Page).clients);
      next = /<[^?]*(\?[^>]*)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1] ?? null;
    }
    return found;
  }
  metrics(): Promise<Metrics[]> {
    return Promise.all(this.scene.instances.filter((one) => one.running).map((one) => one.metrics()));
  }

  async close(): Promise<string> {
    await Proxy.endAll();
    this.publisher.close();
    return this.scene.close({ live: false });
  }
}
