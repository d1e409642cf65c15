// Each kind of busy neighbour in seconds: the others lose nothing and are refused nothing. How fast they are is
// measured by script/neighbours.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { slowness } from "../support/signal";
import { disturbances, type Disturbance } from "./disturbances";
import { openSuite } from "./suite";

let suite: Awaited<ReturnType<typeof openSuite>>;
beforeAll(async () => {
  suite = await openSuite(
    { users: 20, messagesASecond: 20 / slowness, requestsASecond: 10 / slowness },
    { members: 6_000, shared: 300, rooms: 128, poisonASecond: 200, seconds: 3 },
  );
});
afterAll(() => suite.end());

const rows: [what: string, one?: Disturbance][] = [
  ["nothing", undefined],
  ...disturbances.map((one): [string, Disturbance] => [one.name, one]),
];
test.each(rows)("beside %s the others hear everything, and no request of theirs is answered 503", async (_, one) => {
  const { figures } = await suite.measure(one);
  const { unavailable, otherwise, unheard } = figures;
  expect({ unavailable, otherwise: [...otherwise], unheard }).toEqual({ unavailable: 0, otherwise: [], unheard: 0 });
  expect(figures.frames.length).toBeGreaterThan(0);
  expect(figures.answers.length).toBeGreaterThan(0);
});
