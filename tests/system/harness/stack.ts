// The real Kafka and PostgreSQL that `tests/stack/with` has started around this run, an identity issuer, and everything
// that can be done to them. Whatever a test does to a server is undone by `heal()`; who started the run ends the
// servers, also after a failed test.
import { resolve } from "node:path";
import { Kafka, logLevel, type Admin, type PartitionAssigner, type Producer } from "kafkajs";
import { Client } from "pg";
import { ended } from "../support/ended";
import { Issuer } from "../support/issuer";
import { eventually } from "./patience";

const scripts = resolve(import.meta.dir, "../../stack");

function given(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(
      `${name} is not set: run the system tests beside a stack, tests/stack/with bun test … (script/test does)`,
    );
  return value;
}

const script = (name: string, ...args: string[]) => scriptIn(`${given("NX_TEST_STACK")}/${name}`, name, args);

export async function scriptIn(folder: string, name: string, args: string[]): Promise<string> {
  const child = Bun.spawn([`${scripts}/${name}`, folder, ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const { code, out, error } = await ended(child);
  if (code !== 0) throw new Error(`tests/stack/${name} ${args.join(" ")} ended with ${code}: ${error || out}`);
  return out.trim();
}

export class KafkaServer {
  readonly broker = given("NX_TEST_KAFKA");
  private readonly kafka = new Kafka({
    clientId: "producer",
    brokers: [this.broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 3_000,
    // it comes back as soon as the broker does
    retry: { initialRetryTime: 50, maxRetryTime: 400, factor: 0, multiplier: 2, retries: 1_000 },
  });
  start = () => script("kafka", "start");
  kill9 = () => script("kafka", "kill9");
  stop = () => script("kafka", "stop");
  pause = () => script("kafka", "pause");
  resume = () => script("kafka", "resume");

  async producer(): Promise<Producer> {
    const producer = this.kafka.producer({ allowAutoTopicCreation: false, metadataMaxAge: 5_000 });
    await producer.connect();
    return producer;
  }
  async admin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }
  async createTopic(topic: string, numPartitions: number, entries: Record<string, string> = {}): Promise<void> {
    const configEntries = Object.entries(entries).map(([name, value]) => ({ name, value }));
    await this.admin(async (admin) => {
      await admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, numPartitions, replicationFactor: 1, configEntries }],
      });
      await eventually(
        async () =>
          (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions.every((one) => one.leader >= 0),
        20_000,
        `the leaders of ${topic}`,
      );
    });
  }
  deleteTopic = (topic: string) => this.admin((admin) => admin.deleteTopics({ topics: [topic] }));
  consumer = (groupId: string, partitionAssigners?: PartitionAssigner[]) =>
    this.kafka.consumer({
      groupId,
      sessionTimeout: 6_000,
      heartbeatInterval: 500,
      rebalanceTimeout: 6_000,
      maxWaitTimeInMs: 100,
      partitionAssigners,
    });
}

export class PostgresServer {
  get url(): string {
    return given("NX_TEST_POSTGRES");
  }
  /** What a program is told, as that user. */
  urlFor(database: string, user: string, password: string): string {
    return withDatabase(this.url, database, user, password);
  }
  start = () => script("postgres", "start");
  stop = () => script("postgres", "stop");
  immediate = () => script("postgres", "immediate");
  pause = () => script("postgres", "pause");
  resume = () => script("postgres", "resume");

  /** As the server's owner, in one connection of its own. */
  async owner<T>(work: (client: Client) => Promise<T>, database = "signal"): Promise<T> {
    const client = await connect(withDatabase(this.url, database));
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

export async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: "test harness",
  });
  client.on("error", () => undefined); // a server that is killed: the next query says so
  await client.connect();
  return client;
}

export function withDatabase(url: string, database: string, user?: string, password?: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  if (user) {
    changed.username = user;
    changed.password = password!;
  }
  return changed.toString();
}

export class Stack {
  private static one: Stack | null = null;
  private static numbers = 0;
  private constructor(
    readonly kafka: KafkaServer,
    readonly postgres: PostgresServer,
    readonly issuer: Issuer,
  ) {}

  /** One for all files of a run. Heals what a failed test before has left broken. */
  static async shared(): Promise<Stack> {
    Stack.one ??= new Stack(new KafkaServer(), new PostgresServer(), await Issuer.start());
    await Stack.one.heal();
    return Stack.one;
  }

  /** The same with a PostgreSQL of the test's own. */
  beside(postgres: PostgresServer): Stack {
    return new Stack(this.kafka, postgres, this.issuer);
  }

  async heal(): Promise<void> {
    await Promise.all([this.kafka.resume().catch(() => undefined), this.postgres.resume().catch(() => undefined)]);
    await Promise.all([this.kafka.start(), this.postgres.start()]);
    await eventually(() => this.postgres.owner((client) => client.query("SELECT 1")), 20_000, "PostgreSQL");
    this.issuer.mode = "serve";
  }

  /** A name that no other test of this run, and no run beside it, uses. */
  name(stem: string): string {
    return `${stem}_${process.pid}_${++Stack.numbers}`;
  }
}
