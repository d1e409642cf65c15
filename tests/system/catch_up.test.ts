// A client that drops and returns during a stream misses nothing and is told the truth about what it may miss.
import { expect, test } from "bun:test";
import { created } from "./support/dev_stage";
import { IgnisClient, type Frame } from "./support/ignis_client";
import { connectProducer, topic } from "./support/producer";
import { Rows, uuid } from "./support/rows";
import { Signal, slowness, until } from "./support/signal";

/** Produces 200 messages a second until the function that it returns is called, which says how many there were. */
function stream(producer: Awaited<ReturnType<typeof connectProducer>>): () => Promise<number> {
  let streaming = true;
  let produced = 0;
  const done = (async () => {
    const rate = 200 / slowness;
    const began = performance.now();
    while (streaming) {
      const due = Math.floor(((performance.now() - began) / 1000) * rate) - produced;
      if (due > 0) {
        await producer.send({
          topic,
          messages: Array.from({ length: due }, () => ({
            key: "one",
            value: JSON.stringify({
              recipientScope: "users",
              recipientIds: ["wanderer", "someone else"],
              type: "t",
              title: `n${produced++}`,
            }),
          })),
        });
      }
      await Bun.sleep(5);
    }
  })();
  return async () => {
    streaming = false;
    await done;
    return produced;
  };
}

/** What a client that drops and returns has seen, and what it was told about what it may have missed. */
class Wanderer {
  readonly seen = new Map<string, number>(); // id → seq
  since = 0; // everything up to here is seen, without a hole
  duplicates = 0;
  incomplete = 0;
  live = 0;

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Connects, stays for `stayMs` after the catch-up, and drops. */
  async visit(stayMs: number): Promise<void> {
    const client = await IgnisClient.connect(this.url, this.token, { since: this.since });
    client.keepWire = false;
    const done = await client.waitFrame((frame) => frame.event === "caught-up");
    if (!done.data.complete) this.incomplete += 1;
    await Bun.sleep(stayMs);
    client.close();
    await client.waitClosed();
    const at = client.frames.indexOf(done);
    const seqs = this.note(client.frames);
    const caught = this.seqs(client.frames.slice(0, at));
    this.live += seqs.length - caught.length;
    // Within a connection: strictly upwards, starting behind `since`; up to `caught-up` without a hole, and `seq` says
    // how far.
    const { since } = this;
    expect(caught).toEqual(Array.from({ length: done.data.count }, (_, n) => since + 1 + n));
    expect(done.data.seq).toBe(since + done.data.count);
    if (done.data.complete) expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => since + 1 + n));
    while (seqs.includes(this.since + 1)) this.since += 1;
  }

  /** Fetches the rest, in as many steps as it takes. */
  async finish(): Promise<void> {
    for (let complete = false; !complete; ) {
      const client = await IgnisClient.connect(this.url, this.token, { since: this.since });
      const done = await client.waitFrame((frame) => frame.event === "caught-up");
      this.note(client.frames);
      this.since = done.data.seq;
      complete = done.data.complete;
      client.close();
    }
  }

  private seqs(frames: Frame[]): number[] {
    return frames.filter((frame) => frame.event === created).map((frame) => frame.seq);
  }
  private note(frames: Frame[]): number[] {
    for (const frame of frames.filter((one) => one.event === created)) {
      if (this.seen.has(frame.data.id)) this.duplicates += 1;
      this.seen.set(frame.data.id, frame.seq);
    }
    return this.seqs(frames);
  }
}

test("who returns 200 times during 200 messages a second sees each row, and is told of each hole", async () => {
  const signal = await Signal.start();
  const wanderer = new Wanderer(signal.ws, await signal.token("wanderer"));
  const producer = await connectProducer(signal.broker);
  const stop = stream(producer);
  // Each stays for a moment of live stream, sometimes none.
  for (let round = 0; round < 200; ++round) await wanderer.visit(round % 4 === 0 ? 0 : 5 + ((round * 37) % 60));
  const produced = await stop();
  await producer.disconnect();
  const rows = new Rows(signal.databasePath);
  await until(() => rows.notifications().length === produced, 30_000, `${produced} rows`);
  await wanderer.finish();

  const mine = rows.recipients().filter((row) => row.user === "wanderer");
  expect(mine.length).toBe(produced);
  const expected = mine.map((row): [string, number] => [uuid(row.notification), row.seq]);
  expect([...wanderer.seen].sort()).toEqual(expected.sort());
  expect(rows.wrongCounters()).toEqual([]);
  const { seen, duplicates, live, incomplete } = wanderer;
  console.log(
    `${produced} rows, 200 returns, ${seen.size} seen once each after dedup, ${duplicates} duplicates, ` +
      `${live} live, ${incomplete} catch-ups said incomplete`,
  );
  rows.close();
  await signal.stop();
});
