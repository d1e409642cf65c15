// Direct pushes: docs/protocol.md#envelope. Best effort; nothing is stored.

/** The part of ioredis that is needed; a `Redis` and a `Cluster` both fit. */
export interface Publisher {
  publish(channel: string, message: string): Promise<number>;
}

export interface Push {
  event: string;
  data?: unknown;
}

/**
 * Publishes as services do, byte for byte as `WebSocketEmitter` of IGNIS. Each resolves when Redis has taken the
 * message.
 */
export class Emitter {
  #redis: Publisher;
  constructor(redis: Publisher) {
    this.#redis = redis;
  }

  /** All connections of a user. A number and its decimal text are one user. */
  toUser({ userId, event, data }: Push & { userId: string | number }): Promise<void> {
    return this.#publish(`ws:user:${userId}`, { type: "user", target: userId, event, data });
  }
  /** One connection. */
  toClient({ clientId, event, data }: Push & { clientId: string }): Promise<void> {
    return this.#publish(`ws:client:${clientId}`, { type: "client", target: clientId, event, data });
  }
  /** The members of a room, without the clients of `exclude`. */
  toRoom({ room, event, data, exclude }: Push & { room: string; exclude?: string[] }): Promise<void> {
    return this.#publish(`ws:room:${room}`, { type: "room", target: room, event, data, exclude });
  }
  /** Everybody who is connected. */
  broadcast({ event, data }: Push): Promise<void> {
    return this.#publish("ws:broadcast", { type: "broadcast", event, data });
  }

  // The order of members is part of the format.
  async #publish(channel: string, message: object): Promise<void> {
    await this.#redis.publish(channel, JSON.stringify({ serverId: "emitter", ...message }));
  }
}

/** `redis` is only published with: the connection that a service has already will do. */
export const createEmitter = (redis: Publisher): Emitter => new Emitter(redis);
