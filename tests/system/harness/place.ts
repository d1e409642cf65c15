import { Database } from "./database";
import type { Place } from "./instance";
import type { Stack } from "./stack";

/** A database and a topic of one's own on the stack, both empty. */
export async function emptyPlace(
  stack: Stack,
  redis: Place["redis"],
  name: string,
  partitions: number,
): Promise<Place> {
  const place: Place = {
    stack,
    database: await Database.create(stack),
    redis,
    topic: stack.name(name).replaceAll("_", "."),
    group: stack.name(name),
  };
  await stack.kafka.createTopic(place.topic, partitions);
  return place;
}
