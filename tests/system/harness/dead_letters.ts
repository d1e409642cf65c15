// Reads the DLQ topic as an operator's tool would.
import { eventually } from "./patience";
import type { Stack } from "./stack";

export type DeadLetterSeen = { key: Buffer | null; value: Buffer | null; headers: Record<string, string> };

/** Waits for `count` letters, and a little longer for one too many. */
export async function readDeadLetters(stack: Stack, topic: string, count: number): Promise<DeadLetterSeen[]> {
  const letters: DeadLetterSeen[] = [];
  const consumer = stack.kafka.consumer(stack.name("letters"));
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        const headers = Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        );
        letters.push({ key: message.key, value: message.value, headers });
      },
    });
    await eventually(
      () => letters.length >= count,
      20_000,
      () => `${count} dead letters, there are ${letters.length}`,
    );
    await Bun.sleep(300);
    return letters;
  } finally {
    await consumer.disconnect();
  }
}
