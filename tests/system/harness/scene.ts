// A small stage for one fault: a topic, a database, one instance or more, tills that watch, and traffic that flows
// before, during and after.
import { expect } from "bun:test";
import type { Producer } from "kafkajs";
import { Database } from "./database";
import { readDeadLetters, type DeadLetterSeen } from "./dead_letters";
import { History, type Message } from "./history";
import { HealthWatch } from "./health_watch";
import { environment, Instance, type Line, type Place } from "./instance";
import { checkNoLeaks } from "./leaks";
import { eventually, resumeWithinSeconds } from "./patience";
import { RedisServer } from "./redis";
import { Stack, type PostgresServer } from "./stack";
import { StreamClient } from "./stream_client";
import { World } from "./world";

export type Fault = {
  name: string;
  begin: () => Promise<unknown>;
  seconds: number; // how long it lasts
  during?: () => Promise<unknown>; // in the middle of it
  end: () => Promise<unknown>;
  says: RegExp | null; // a log line of level warn or error says it; null: nothing has to be said
  notReady: boolean; // is /health/ready 503 while it lasts?
};
export type Outcome = { lasted: number; resumed: number; line: string; notReadyAfter: number | null };

export class Scene {
  readonly history: History;
  readonly instances: Instance[] = [];
  readonly clients: StreamClient[] = [];
  private added = 0;
  private flowing: { stop: boolean; done: Promise<void> } | null = null;
  private constructor(
    readonly stack: Stack,
    readonly place: Place,
    readonly producer: Producer,
    readonly world: World,
    readonly partitions: number,
  ) {
    this.history = new History(place.topic, world, partitions);
  }

  /** `watch`: users with a till each at the first instance. */
  static async open(
    options: {
      partitions?: number;
      watch?: string[];
      world?: World;
      instances?: number;
      env?: Record<string, string>;
      dlq?: boolean;
      topic?: Record<string, string>;
      redis?: { url: string };
      postgres?: PostgresServer;
      wrapper?: string[];
    } = {},
  ): Promise<Scene> {
    const shared = await Stack.shared();
    const stack = options.postgres ? shared.beside(options.postgres) : shared;
    const { partitions = 3, world = new World() } = options;
    const name = stack.name("scene").replaceAll("_", ".");
    const place: Place = {
      stack,
      database: await Database.create(stack),
      redis: options.redis ?? (await RedisServer.start()),
      topic: `${name}.activity`,
      group: `${name}.group`,
      dlq: options.dlq ? `${name}.dlq` : undefined,
    };
    await stack.kafka.createTopic(place.topic, partitions, options.topic);
    if (place.dlq) await stack.kafka.createTopic(place.dlq, 1, { "max.message.bytes": "4194304" });
    if (world.edges.length > 0) await place.database.addPolicies(world.edges);
    const scene = new Scene(stack, place, await stack.kafka.producer(), world, partitions);
    for (let n = 0; n < (options.instances ?? 1); ++n) await scene.add(options);
    for (const user of options.watch ?? []) await scene.watch(user);
    return scene;
  }

  get first() {
    return this.instances[0]!;
  }
  get database() {
    return this.place.database;
  }
  get env() {
    return environment(this.place);
  }

  async add(
    options: { env?: Record<string, string>; wrapper?: string[]; migrate?: boolean; program?: string } = {},
  ): Promise<Instance> {
    const { env, wrapper, migrate, program } = options;
    const name = `instance ${this.added++}`;
    const instance = await Instance.start(this.place, { name, env, wrapper, migrate, program });
    this.instances.push(instance);
    return instance;
  }
  async watch(user: string, instance = this.first): Promise<StreamClient> {
    const client = new StreamClient(user, await this.stack.issuer.token({ userId: user }));
    await client.connect(instance.ws);
    this.clients.push(client);
    return client;
  }

  /** Resolves when /health/ready of every instance is 200. */
  async ready(timeoutMs = 20_000): Promise<void> {
    for (const one of this.instances)
      await eventually(
        async () => (await one.health()).ready === 200,
        timeoutMs,
        () => `${one.name} to be ready; ${one.tail()}`,
      );
  }
  /** Resolves when every instance is ready and counts all of them. */
  async acquainted(): Promise<void> {
    await this.ready(30_000);
    for (const one of this.instances)
      await eventually(
        async () => (await one.metrics()).sum("signal_instances") === this.instances.length,
        30_000,
        () => `${one.name} to know the others; ${one.tail()}`,
      );
  }

  /** A keyed message to the users that watch (or to `users`): its producer may repeat it. */
  note(partition?: number, users = this.clients.map((client) => client.user)): Message {
    return this.history.good({ recipientScope: "users", recipientIds: users }, { id: `k${++this.keys}` }, partition);
  }
  private keys = 0;

  send(messages: Message[]) {
    return this.history.produce(this.producer, messages);
  }

  /** One message to every partition; resolves when every till has heard all of them, with several instances (a till
   *  hears its own) when all are stored. */
  async pulse(timeoutMs = 30_000): Promise<void> {
    const marks = Array.from({ length: this.partitions }, (_, partition) => this.note(partition));
    await this.send(marks);
    const titles = marks.map((mark) => mark.title!);
    const tails = () => `last lines:\n${this.instances.map((one) => one.tail()).join("\n")}`;
    if (this.instances.length > 1) {
      const stored = `SELECT 1 FROM signal."ActivityNotification" WHERE title = ANY($1)`;
      await eventually(
        async () => (await this.database.query(stored, [titles])).length === titles.length,
        timeoutMs,
        () => `the rows of a pulse; ${tails()}`,
      );
      return;
    }
    const deaf = () => this.clients.filter((client) => !titles.every((title) => client.heard(title)));
    const shown = ({ user, connected, closed }: StreamClient) => `${user} ${connected} ${JSON.stringify(closed)}`;
    await eventually(
      () => deaf().length === 0,
      timeoutMs,
      () => `the hints of a pulse; deaf tills: ${deaf().map(shown)}; ${tails()}`,
    );
  }

  /** Produces until `quiet()`: a message every `everyMs`, partitions in turn. */
  flow(everyMs = 50): void {
    const flowing = { stop: false, done: Promise.resolve() };
    flowing.done = (async () => {
      while (!flowing.stop) {
        await this.send([this.note()]);
        await Bun.sleep(everyMs);
      }
    })();
    flowing.done.catch(() => undefined);
    this.flowing = flowing;
  }
  async quiet(): Promise<void> {
    if (this.flowing) {
      this.flowing.stop = true;
      await this.flowing.done;
    }
    this.flowing = null;
  }

  /** Traffic, the fault, traffic; health and log while it lasts; how soon everything flows again after its end. */
  async suffer(fault: Fault): Promise<Outcome> {
    await this.pulse();
    if (!this.flowing) this.flow();
    const watch = new HealthWatch(this.first);
    const began = performance.now();
    await fault.begin();
    const lastsUntil = began + fault.seconds * 1000;
    await fault.during?.();
    while (performance.now() < lastsUntil) await Bun.sleep(20);
    const beforeEnd = watch.last();
    await fault.end();
    const ended = performance.now();
    await this.pulse(resumeWithinSeconds * 3_000);
    const resumed = (performance.now() - ended) / 1000;
    await eventually(async () => (await this.first.health()).ready === 200, 20_000, "/health/ready to be 200 again");
    const ready = (performance.now() - ended) / 1000;
    await this.quiet();
    const health = await watch.stop();
    expect({ fault: fault.name, live: health.worst.live, accept: health.worst.accept }).toEqual({
      fault: fault.name,
      live: 200,
      accept: 200,
    });
    if (fault.notReady)
      expect({ fault: fault.name, ready: beforeEnd?.ready }).toEqual({ fault: fault.name, ready: 503 });
    const said = fault.says === null ? undefined : this.warning(fault.says, began);
    if (fault.says !== null && !said)
      throw new Error(`${fault.name}: no warning matches ${fault.says}; warnings since: ${this.warnings(began)}`);
    expect({
      fault: fault.name,
      resumedInTime: Math.max(resumed, ready) <= resumeWithinSeconds,
      resumed,
      ready,
    }).toMatchObject({ resumedInTime: true });
    const lasted = (ended - began) / 1000;
    const notReadyAfter = health.notReadyAt === null ? null : (health.notReadyAt - began) / 1000;
    const line =
      `fault: ${fault.name}: lasted ${lasted.toFixed(1)} s, live and accept 200 throughout, ` +
      `ready ${notReadyAfter === null ? "200" : `503 after ${notReadyAfter.toFixed(1)} s`}, ` +
      `everything flowed again ${resumed.toFixed(1)} s and ready was 200 ${ready.toFixed(1)} s after its end; log: ` +
      `${said ? shown(said) : "nothing to say"}`;
    return { lasted, resumed, line, notReadyAfter };
  }

  /** A line of the first instance, of level warn or error, that matches. */
  warning(says: RegExp, since = 0): Line | undefined {
    const warns = (line: Line) => line.level === "warn" || line.level === "error";
    return this.first.find((line) => warns(line) && says.test(JSON.stringify(line)), since);
  }
  warnings(since = 0): string {
    const counted = new Map<string, number>();
    for (const line of this.instances.flatMap((one) => one.lines)) {
      if (line.at >= since && (line.level === "warn" || line.level === "error"))
        counted.set(shown(line), (counted.get(shown(line)) ?? 0) + 1);
    }
    return JSON.stringify([...counted].slice(0, 20));
  }

  /** The end of every scene: rows, counters, clients' logs, dead letters, secrets; then all instances end in order.
   *  Returns figures. */
  async close(
    options: { anySource?: boolean; live?: boolean; deadLetters?: number; waitMs?: number } = {},
  ): Promise<string> {
    await this.quiet();
    await this.history.waitStored(this.database, options.waitMs ?? 30_000);
    if (this.history.poison > 0) {
      await eventually(
        () =>
          this.instances.reduce((sum, one) => sum + one.count("message can never be handled"), 0) >=
          this.history.poison,
        20_000,
        "the poison to be handled",
      );
    }
    const { live = true } = options;
    const alone = this.instances.length === 1 && this.first.life === 1 ? this.first : null;
    const clients = await this.history.checkClients(
      this.database,
      this.clients,
      live ? alone : null,
      this.instances.find((one) => one.running)!.ws,
    );
    const stored = await this.history.checkTables(this.database, { anySource: options.anySource ?? true });
    for (const instance of this.instances) if (instance.running) await instance.stop();
    const letters =
      this.place.dlq && options.deadLetters !== undefined
        ? await readDeadLetters(this.stack, this.place.dlq, options.deadLetters)
        : [];
    if (options.deadLetters !== undefined) expect(letters.length).toBe(options.deadLetters);
    const texts = checkNoLeaks(this.instances, this.secrets(), letters.map(headersOf));
    await this.producer.disconnect();
    await this.database.close();
    if (this.place.redis instanceof RedisServer) await this.place.redis.end();
    return (
      `${this.history.sent.length} records, ${stored.length} notifications = expected, ` +
      `${this.history.rowsExpected()} recipient rows = expected, counters recounted, ` +
      `${clients.heardLive} hints heard live by ${this.clients.length} tills, ${clients.repeats} twice, ` +
      `${clients.caughtUp} at the last catch-up, ${texts} texts without a secret`
    );
  }

  secrets(): string[] {
    return [
      this.database.password,
      "signal-secret",
      ...this.clients.flatMap((client) => [client.token.split(".")[2]!, ...client.keys]),
    ];
  }
}

const headersOf = (letter: DeadLetterSeen) => JSON.stringify(letter.headers);

function shown(line: Line): string {
  const reason = line.reason ?? line.error;
  return `"${line.event}"${reason === undefined ? "" : ` (${String(reason).slice(0, 110)})`}`;
}
