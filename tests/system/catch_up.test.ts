// A client that drops and returns during a stream misses nothing and is told the truth about what it may miss.
import { expect, test } from "bun:test";
import { IgnisClient } from "./support/ignis_client";
import { connectProducer, topic } from "./support/producer";
import { Rows, uuid } from "./support/rows";
import { Signal, slowness, until } from "./support/signal";

const created = "observation/signal/notification/created";

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

test("200 drops and returns during 200 messages/s: every row exactly once after dedup by id, no hole that `complete` denies", async () => {
  const signal = await Signal.start();
  const token = await signal.token("wanderer");
  const producer = await connectProducer(signal.broker);
  const stop = stream(producer);

  const seen = new Map<string, number>(); // id → seq
  let since = 0; // everything up to here is seen, without a hole
  let duplicates = 0;
  let incomplete = 0;
  let live = 0;
  for (let round = 0; round < 200; ++round) {
    const client = await IgnisClient.connect(signal.ws, token, { since });
    client.keepWire = false;
    const done = await client.waitFrame((frame) => frame.event === "caught-up");
    if (!done.data.complete) incomplete += 1;
    // Stay for a moment of live stream, sometimes none.
    await Bun.sleep(round % 4 === 0 ? 0 : 5 + ((round * 37) % 60));
    client.close();
    await client.waitClosed();
    const at = client.frames.indexOf(done);
    const seqs: number[] = [];
    client.frames.forEach((frame, index) => {
      if (frame.event !== created) return;
      if (seen.has(frame.data.id)) duplicates += 1;
      seen.set(frame.data.id, frame.seq);
      seqs.push(frame.seq);
      if (index > at) live += 1;
    });
    // Within a connection: strictly upwards, starting behind `since`; up to `caught-up` without a hole, and `seq` says
    // how far.
    const caught = seqs.slice(0, client.frames.slice(0, at).filter((frame) => frame.event === created).length);
    expect(caught).toEqual(Array.from({ length: done.data.count }, (_, n) => since + 1 + n));
    expect(done.data.seq).toBe(since + done.data.count);
    if (done.data.complete) expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => since + 1 + n));
    while (seqs.includes(since + 1)) since += 1;
  }
  const produced = await stop();
  await producer.disconnect();
  const rows = new Rows(signal.databasePath);
  await until(() => rows.notifications().length === produced, 30_000, `${produced} rows`);
  // The last return fetches the rest, in as many steps as it takes.
  for (let complete = false; !complete; ) {
    const client = await IgnisClient.connect(signal.ws, token, { since });
    const done = await client.waitFrame((frame) => frame.event === "caught-up");
    for (const frame of client.frames) {
      if (frame.event !== created) continue;
      if (seen.has(frame.data.id)) duplicates += 1;
      seen.set(frame.data.id, frame.seq);
    }
    since = done.data.seq;
    complete = done.data.complete;
    client.close();
  }
  const mine = rows.recipients().filter((row) => row.user === "wanderer");
  expect(mine.length).toBe(produced);
  expect(new Map([...seen].sort())).toEqual(
    new Map(mine.map((row) => [uuid(row.notification), row.seq] as [string, number]).sort()),
  );
  expect(rows.wrongCounters()).toEqual([]);
  console.log(
    `${produced} rows, 200 returns, ${seen.size} seen once each after dedup, ${duplicates} duplicates, ` +
      `${live} live, ${incomplete} catch-ups said incomplete`,
  );
  rows.close();
  await signal.stop();
});
