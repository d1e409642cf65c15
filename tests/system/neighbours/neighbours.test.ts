// Each kind of busy neighbour in seconds: the others lose nothing and are refused nothing. How fast they are is
// measured by script/neighbours.
import { afterEach, expect, test } from "bun:test";
import { Instance } from "../harness/instance";
import { slowness } from "../support/signal";
import { run } from "./suite";

afterEach(() => Instance.endAll());

test("whatever a neighbour does, the others get everything and no 503", async () => {
  const rows = await run(
    { users: 20, messagesASecond: 20 / slowness, requestsASecond: 10 / slowness },
    { members: 6_000, shared: 300, rooms: 128, poisonASecond: 200, seconds: 3 },
  );
  expect(rows.length).toBe(11);
  for (const { name, figures } of rows) {
    expect({
      name,
      unavailable: figures.unavailable,
      otherwise: [...figures.otherwise],
      unheard: figures.unheard,
    }).toEqual({ name, unavailable: 0, otherwise: [], unheard: 0 });
    expect(figures.frames.length).toBeGreaterThan(0);
    expect(figures.answers.length).toBeGreaterThan(0);
  }
}, 1_200_000);
