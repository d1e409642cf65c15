// The inbox against rows: whatever order things come in, it ends with what the server has.
import { expect, test } from "bun:test";
import { stage } from "../support/inbox_stage";

test("the first page, the count and the position are read at the beginning", async () => {
  const one = stage(5);
  await one.ready();
  one.isRight();
  expect([one.shown(), one.inbox.snapshot.hasMore, one.position.seq]).toEqual([["n5", "n4", "n3"], true, 5]);
  await one.inbox.loadMore();
  one.isRight();
  expect(one.inbox.snapshot).toMatchObject({ hasMore: false, ready: true });
});

test("a hint is shown at once, and a second one of it is dropped", async () => {
  const one = stage(1);
  await one.ready();
  const row = one.rows.add();
  for (let n = 0; n < 3; ++n) one.inbox.take(one.rows.hint(row), true);
  one.isRight();
  expect(one.heard).toEqual(["n2"]);
});

test("hints that change places need no request", async () => {
  const one = stage(1);
  await one.ready();
  const [a, b, c] = [1, 2, 3].map(() => one.rows.hint(one.rows.add()));
  const asked = one.rows.asked.length;
  for (const hint of [c, a, b]) one.inbox.take(hint!, true);
  one.isRight();
  expect([one.position.seq, one.heard, one.rows.asked.length]).toEqual([4, ["n4", "n2", "n3"], asked]);
});

test("a lost hint is found by the next one, and told as missed", async () => {
  const one = stage(1);
  await one.ready();
  one.rows.add();
  one.rows.add();
  const last = one.rows.add();
  one.inbox.take(one.rows.hint(last), true);
  await one.clock.advance(251);
  one.isRight();
  expect([one.heard, one.position.seq]).toEqual([["n4", "n2 missed", "n3 missed"], 4]);
});

test("a lost hint that no other follows is found within the minute", async () => {
  const one = stage(1);
  await one.ready();
  one.rows.add();
  await one.clock.advance(80_000);
  one.isRight();
  expect(one.heard).toEqual(["n2 missed"]);
});

test("a lost word that a read row was archived, which no count shows, is found by one check in ten", async () => {
  let n = 0;
  const one = stage(2, 3, () => (n++ % 10) / 10);
  await one.ready();
  const [row] = one.rows.all;
  one.rows.mark(row!, { readAt: "x" });
  await one.clock.advance(80_000);
  one.isRight();
  one.rows.mark(row!, { archivedAt: "x" });
  await one.clock.advance(15 * 60_000);
  one.isRight();
});

test("a gap that is an archived row is none", async () => {
  const one = stage(1);
  await one.ready();
  one.rows.mark(one.rows.add(), { archivedAt: "x" });
  one.inbox.take(one.rows.hint(one.rows.add()), true);
  await one.clock.advance(251);
  one.isRight();
  expect([one.position.seq, one.heard]).toEqual([3, ["n3"]]);
});

test("a gap of thousands is not walked over: the newest page is there, the others are to be loaded", async () => {
  const one = stage(1);
  await one.ready();
  for (let n = 0; n < 2_000; ++n) one.rows.add();
  one.inbox.take(one.rows.hint(one.rows.add()), true);
  await one.clock.advance(251);
  one.isRight();
  expect(one.position.seq).toBe(2_002);
  expect(one.rows.asked.length).toBeLessThan(20);
  const before = one.inbox.snapshot.items.length;
  await one.inbox.loadMore();
  one.isRight();
  expect(one.inbox.snapshot.items.length).toBeGreaterThan(before);
});

test("what was read and archived while nobody listened is right after the next catch-up", async () => {
  const one = stage(4, 10);
  await one.ready();
  one.rows.mark(one.rows.all[0]!, { readAt: "x" });
  one.rows.mark(one.rows.all[3]!, { archivedAt: "x" });
  one.inbox.take(
    { event: "caught-up", data: { count: 0, complete: true, seq: 4, unread: one.rows.unread, epoch: "e1" } },
    true,
  );
  await one.clock.advance(1_000);
  one.isRight();
  expect(one.shown()).toEqual(["n3", "n2", "n1"]);
});

test("another epoch makes everything that was known worthless", async () => {
  const one = stage(4, 10);
  await one.ready();
  one.rows.all.splice(2);
  one.rows.epoch = "e2";
  one.rows.add();
  one.inbox.take({ event: "caught-up", data: { count: 3, complete: true, seq: 3, unread: 3, epoch: "e2" } }, true);
  await one.clock.advance(1_000);
  one.isRight();
  expect([one.position.seq, one.position.epoch]).toEqual([3, "e2"]);
});

test("an inbox that has gone back without another epoch is read anew", async () => {
  const one = stage(4, 10);
  await one.ready();
  one.rows.all.splice(2);
  one.inbox.take({ event: "caught-up", data: { count: 0, complete: false, seq: 2, unread: 2, epoch: "e1" } }, true);
  await one.clock.advance(1_000);
  one.isRight();
  expect(one.position.seq).toBe(2);
});

test("the catch-up of another tab does not move this tab's position", async () => {
  const one = stage(2);
  await one.ready();
  for (let n = 0; n < 3; ++n) one.rows.add();
  one.inbox.take({ event: "caught-up", data: { count: 0, complete: true, seq: 5, unread: 5, epoch: "e1" } }, false);
  expect(one.position.seq).toBe(2);
  await one.clock.advance(1_000);
  one.isRight();
  expect(one.heard).toEqual(["n3 missed", "n4 missed", "n5 missed"]);
});

test("rows that keep coming are cut to the newest, and the others are to be loaded", async () => {
  const one = stage(1);
  await one.ready();
  for (let n = 0; n < 10_000; ++n) one.inbox.take(one.rows.hint(one.rows.add()), true);
  expect(one.inbox.snapshot.items.length).toBe(10_001);
  await one.clock.advance(1_500);
  one.isRight();
  expect([one.inbox.snapshot.items.length, one.inbox.snapshot.hasMore, one.inbox.snapshot.unread]).toEqual([
    500,
    true,
    10_001,
  ]);
});

test("a resume does not wait for what earlier failures have grown the wait to", async () => {
  const one = stage(2);
  one.rows.away = true;
  await one.ready();
  await one.clock.advance(60_000);
  let failing = 1;
  one.rows.away = false;
  one.rows.hold = async () => {
    if (failing-- > 0) throw new Error("the last connection of before");
  };
  one.inbox.synchronise(false, 0);
  await one.clock.advance(1_001);
  one.isRight();
});

test("while REST is away one error is told, and what is missing comes when it is back", async () => {
  const one = stage(2);
  one.rows.away = true;
  await one.ready();
  await one.clock.advance(60_000);
  expect([one.errors.length, one.inbox.snapshot.ready]).toEqual([1, false]);
  one.rows.away = false;
  await one.clock.advance(30_000);
  one.isRight();
  expect(one.inbox.snapshot.ready).toBe(true);
});

test("random orders of everything end with the rows", async () => {
  for (let seed = 1; seed <= 200; ++seed) {
    let state = seed;
    const below = (n: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >> 8) % n;
    };
    const one = stage(below(8), 1 + below(5));
    await one.clock.advance(0);
    one.inbox.synchronise(true, 0);
    const late: any[] = [];
    for (let step = 0; step < 12; ++step) {
      const row = one.rows.all[below(one.rows.all.length || 1)];
      const what = below(6);
      if (what < 2) late.push(one.rows.hint(one.rows.add()));
      else if (what === 2 && row) {
        one.rows.mark(row, { readAt: row.readAt ? null : "x" });
        late.push(one.rows.updated(row));
      } else if (what === 3 && row && !row.archivedAt) {
        one.rows.mark(row, { archivedAt: "x" });
        late.push(one.rows.updated(row));
      } else if (what === 4) void one.inbox.loadMore();
      else if (late.length > 0) one.inbox.take(late.splice(below(late.length), 1)[0], true);
      await Promise.resolve();
    }
    for (const frame of late) if (below(3)) one.inbox.take(frame, true); // the others are lost
    one.inbox.synchronise(true, 0);
    await one.clock.advance(4_000);
    one.isRight();
  }
});
