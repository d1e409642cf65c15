// The service that Signal replaces: a real WebSocketServerHelper of npm @venizia/ignis-helpers on Bun, with and without
// encryption, and plain clients of it.
import { createRemoteJWKSet, jwtVerify } from "jose";
import { ECDH, RedisClusterHelper, RedisHelper, WebSocketEmitter, WebSocketServerHelper } from "@venizia/ignis-helpers";
import { until } from "./signal";
import type { Frame } from "./ignis_client";

let names = 0;
/** The port of a single Redis, or the nodes of a cluster. */
export type Where = number | { nodes: { port: number }[] };
const connection = (where: Where) =>
  typeof where === "number"
    ? new RedisHelper({
        name: `test-${++names}`,
        host: "127.0.0.1",
        port: where,
        password: "",
        autoConnect: true,
        maxRetry: -1,
      } as never)
    : new RedisClusterHelper({
        name: `test-${++names}`,
        nodes: where.nodes.map(({ port }) => ({ host: "127.0.0.1", port })),
      } as never);

/** As a producer has it. */
export async function ignisEmitter(where: Where): Promise<{ emitter: WebSocketEmitter; end: () => Promise<void> }> {
  const redis = connection(where);
  const emitter = new WebSocketEmitter({ redisConnection: redis });
  await emitter.configure();
  return {
    emitter,
    end: async () => {
      await emitter.shutdown();
      await redis.getClient().quit();
    },
  };
}

export class IgnisServer {
  private constructor(
    readonly helper: WebSocketServerHelper,
    private readonly server: ReturnType<typeof Bun.serve>,
    private readonly redis: ReturnType<typeof connection>,
  ) {}

  /** `authenticate` data is taken at its word: `{userId}`. */
  static start(where: Where): Promise<IgnisServer> {
    return IgnisServer.serve(where, {
      requireEncryption: false,
      authenticateFn: async (data: never) => ({ userId: (data as { userId: string }).userId }),
    });
  }

  /** As the framework's documentation shows it: tokens of a JWKS, a key for each connection, every frame but
   *  `connected` in an envelope. */
  static startEncrypted(where: Where, jwksUrl: string): Promise<IgnisServer> {
    const keySet = createRemoteJWKSet(new URL(jwksUrl));
    const ecdh = ECDH.withAlgorithm();
    const pair = ecdh.generateKeyPair();
    const keys = new Map<string, CryptoKey>();
    return IgnisServer.serve(where, {
      requireEncryption: true,
      authenticateFn: async ({ token }: { token: string }) => {
        try {
          return { userId: (await jwtVerify(token, keySet)).payload.userId };
        } catch {
          return null;
        }
      },
      handshakeFn: async ({ clientId, data }: { clientId: string; data: { clientPublicKey?: string } }) => {
        if (!data.clientPublicKey) return null;
        const { keyPair, publicKeyB64 } = await pair;
        const peerPublicKey = await ecdh.importPublicKey({ rawKeyB64: data.clientPublicKey });
        const { key, salt } = await ecdh.deriveAESKey({ privateKey: keyPair.privateKey, peerPublicKey });
        keys.set(clientId, key);
        return { serverPublicKey: publicKeyB64, salt };
      },
      outboundTransformer: async ({
        client,
        event,
        data,
      }: {
        client: { id: string; encrypted: boolean };
        event: string;
        data: unknown;
      }) => {
        const secret = keys.get(client.id);
        if (!client.encrypted || event === "connected" || !secret) return null;
        return { event: "encrypted", data: await ecdh.encrypt({ message: JSON.stringify({ event, data }), secret }) };
      },
      clientDisconnectedFn: ({ clientId }: { clientId: string }) => {
        keys.delete(clientId);
      },
    });
  }

  private static async serve(where: Where, options: Record<string, unknown>): Promise<IgnisServer> {
    const redis = connection(where);
    let helper!: WebSocketServerHelper;
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request, bun) => {
        const { pathname } = new URL(request.url);
        // As the handler of the framework's component: an exact path, then the upgrade; the rest is the application's.
        if (pathname !== "/stream" || request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
          return Response.json(
            {
              message: "URL NOT FOUND",
              statusCode: 404,
              requestId: crypto.randomUUID(),
              path: pathname,
              url: request.url,
            },
            { status: 404 },
          );
        }
        return bun.upgrade(request, { data: { clientId: crypto.randomUUID() } } as never)
          ? undefined
          : new Response("WebSocket upgrade failed", { status: 500 });
      },
      websocket: {
        // What the component passes on of the helper's own constants.
        sendPings: true,
        idleTimeout: 60,
        maxPayloadLength: 131_072,
        open: (socket: never) => helper.getBunWebSocketHandler().open(socket),
        message: (socket: never, message: never) => helper.getBunWebSocketHandler().message(socket, message),
        close: (socket: never, code: never, reason: never) =>
          helper.getBunWebSocketHandler().close(socket, code, reason),
      },
    } as never);
    helper = new WebSocketServerHelper({
      identifier: "ignis",
      path: "/stream",
      server: server as never,
      redisConnection: redis,
      validateRoomFn: ({ rooms }: { rooms: string[] }) => rooms,
      ...options,
    } as never);
    await helper.configure();
    return new IgnisServer(helper, server, redis);
  }
  get ws() {
    return `ws://127.0.0.1:${this.server.port}/stream`;
  }

  async stop(): Promise<void> {
    await this.helper.shutdown();
    await this.redis.getClient().quit();
    await this.server.stop(true);
  }
}

/** A client without encryption. */
export class PlainClient {
  readonly frames: Frame[] = [];
  id = "";
  private constructor(private readonly socket: WebSocket) {}
  static async connect(url: string, userId: string | number): Promise<PlainClient> {
    const client = new PlainClient(new WebSocket(url));
    client.socket.onopen = () => client.send({ event: "authenticate", data: { type: "Bearer", token: "t", userId } });
    client.socket.onmessage = (message) => {
      const frame = JSON.parse(String(message.data));
      if (frame.event === "connected") client.id = frame.data.id;
      else client.frames.push(frame);
    };
    await until(() => client.id, 10_000, "connected to IGNIS");
    return client;
  }
  send(frame: unknown) {
    this.socket.send(JSON.stringify(frame));
  }
  close() {
    this.socket.close();
  }
}
