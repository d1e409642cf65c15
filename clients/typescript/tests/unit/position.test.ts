import { expect, test } from "bun:test";
import { Position } from "../../packages/client/src/position";
import { Kept } from "../support/app";

const position = (storage = new Kept(), faults: unknown[] = []) =>
  new Position("key", storage, (fault) => faults.push(fault));

test("without a position nothing is missing, and `authenticate` asks for no catch-up", () => {
  const one = position();
  expect(one.hear(7)).toBe(false);
  expect(one.since).toEqual({});
});

test("it moves over contiguous seq only, and a late hint closes the gap", () => {
  const one = position();
  one.move(5);
  expect([one.hear(6), one.hear(9), one.hear(8), one.seq]).toEqual([false, true, true, 6]);
  expect([one.hear(7), one.seq, one.top]).toEqual([false, 9, 9]);
});

test("a repeat changes nothing", () => {
  const one = position();
  one.move(5);
  one.hear(8);
  expect([one.has(3), one.has(8), one.has(7)]).toEqual([true, true, false]);
  expect([one.hear(3), one.hear(8), one.seq]).toEqual([true, true, 5]);
});

test("what was heard ahead before there was a position counts from there on", () => {
  const one = position();
  for (const seq of [4, 6, 7]) one.hear(seq);
  one.move(5);
  expect(one.seq).toBe(7);
});

test("the position of this user is kept with its epoch, and loaded again", async () => {
  const storage = new Kept();
  const one = position(storage);
  one.epoch = "e1";
  one.move(41);
  one.hear(42);
  await Bun.sleep(1);
  expect(JSON.parse(storage.items.get("key")!)).toEqual({ seq: 42, epoch: "e1" });
  const two = position(storage);
  await two.load();
  expect(two.since).toEqual({ since: 42, epoch: "e1" });
});

test.each(["", "{", "null", "[]", '{"seq":-1}', '{"seq":"5"}', '{"seq":1.5}'])(
  "a storage with %p is as good as an empty one",
  async (text) => {
    const storage = new Kept();
    storage.items.set("key", text);
    const faults: unknown[] = [];
    const one = position(storage, faults);
    await one.load();
    expect([one.since, faults]).toEqual([{}, []]);
    one.move(3);
    expect(JSON.parse(storage.items.get("key")!)).toEqual({ seq: 3 });
  },
);

test("a storage that fails is told once, and the position goes on in memory", async () => {
  const faults: unknown[] = [];
  const one = position(
    {
      getItem: () => null,
      setItem: () => {
        throw new Error("quota");
      },
    } as never,
    faults,
  );
  one.move(1);
  one.hear(2);
  one.hear(3);
  await Bun.sleep(1);
  expect([faults.length, one.seq]).toEqual([1, 3]);
});

test("a storage that answers late gets the newest position last", async () => {
  const written: number[] = [];
  const slow = {
    getItem: () => null,
    setItem: async (_: string, value: string) => {
      await Bun.sleep(2);
      written.push(JSON.parse(value).seq);
    },
  };
  const one = position(slow as never);
  for (const seq of [1, 2, 3, 4, 5]) one.move(seq);
  await Bun.sleep(20);
  expect(written.at(-1)).toBe(5);
  expect(written.length).toBeLessThan(5);
});
