// Rows that are read and archived, here and elsewhere, against frames and answers that cross each other.
import { expect, test } from "bun:test";
import { stage } from "../support/inbox_stage";

test("a hint and an `updated` between question and answer are not undone by the answer", async () => {
  const one = stage(3, 10);
  await one.ready();
  let once = true;
  one.rows.hold = async (path) => {
    if (!once || !path.includes("limit")) return;
    once = false;
    one.rows.mark(one.rows.all[1]!, { readAt: "later" });
    one.inbox.take(one.rows.updated(one.rows.all[1]!), true);
    one.inbox.take(one.rows.hint(one.rows.add()), true);
  };
  one.inbox.synchronise(true, 0);
  await one.clock.advance(1);
  one.isRight();
  expect(once).toBe(false);
});

test("a hint between the question for the count and its answer is younger than the answer", async () => {
  const one = stage(3, 10);
  await one.ready();
  one.rows.hold = async (path) => {
    if (!path.includes("unread")) return;
    one.rows.hold = null;
    one.inbox.take(one.rows.hint(one.rows.add()), true);
  };
  one.inbox.synchronise(false, 0);
  await one.clock.advance(1);
  one.isRight();
});

test("a late count of a hint does not stay", async () => {
  const one = stage(1);
  await one.ready();
  const hint = one.rows.hint(one.rows.add());
  for (const row of one.rows.all) one.rows.mark(row, { readAt: "x" });
  one.inbox.take(
    { event: "observation/signal/notification/updated", data: { all: true, upTo: 2, readAt: "x" }, unread: 0 },
    true,
  );
  one.inbox.take(hint, true); // of another instance, counted before that
  expect(one.inbox.snapshot.unread).toBe(2);
  await one.clock.advance(1_500);
  one.isRight();
});

test("changes are shown before they are answered, and `updated` may come before or behind the answer", async () => {
  for (const order of ["before", "behind", "never"]) {
    const one = stage(3, 10);
    await one.ready();
    const [first] = one.inbox.snapshot.items;
    const told = () => one.inbox.take(one.rows.updated(first!), true);
    one.rows.hold = async () => {
      expect([one.inbox.snapshot.items[0]!.readAt !== null, one.inbox.snapshot.unread]).toEqual([true, 2]);
      if (order === "before") told();
    };
    await one.inbox.markRead(first!.id);
    one.rows.hold = null;
    if (order === "behind") told();
    expect([order, one.inbox.snapshot.unread, one.rows.unread]).toEqual([order, 2, 2]);
    await one.clock.advance(80_000);
    one.inbox.synchronise(true, 0);
    await one.clock.advance(1);
    one.isRight();
  }
});

test("two changes of one row, of which the first fails, leave the second", async () => {
  const one = stage(3, 10);
  await one.ready();
  const [{ id }] = one.inbox.snapshot.items as [{ id: string }];
  one.rows.away = true;
  const reading = one.inbox.markRead(id).catch(() => "failed");
  one.rows.away = false;
  const archiving = one.inbox.archive(id);
  expect(one.inbox.snapshot).toMatchObject({ unread: 2 });
  expect(await reading).toBe("failed");
  await archiving;
  expect([one.shown(), one.inbox.snapshot.unread, one.errors.length]).toEqual([["n2", "n1"], 2, 1]);
  one.isRight();
});

test("an `updated` that was lost is found behind the counts of hints, though these are right", async () => {
  const one = stage(3, 10);
  await one.ready();
  one.rows.mark(one.rows.all[1]!, { readAt: "x" });
  one.inbox.take(one.rows.hint(one.rows.add()), true);
  expect(one.inbox.snapshot.unread).toBe(one.rows.unread);
  await one.clock.advance(1_500);
  one.isRight();
});

test("a change whose answer was lost is taken back, and shown again when the server has it", async () => {
  const one = stage(3, 10);
  await one.ready();
  one.rows.hold = async () => {
    one.rows.hold = null;
    throw new Error("cut");
  };
  expect(await one.inbox.markRead(one.rows.all[0]!.id).catch(() => "failed")).toBe("failed");
  expect(one.inbox.snapshot.unread).toBe(3);
  one.inbox.take(one.rows.hint(one.rows.add()), true);
  await one.clock.advance(1_500);
  one.isRight();
  expect(one.rows.unread).toBe(3);
});

test("`mark all read` leaves what it has not heard of, and counts what is not loaded", async () => {
  const one = stage(10, 2);
  await one.ready();
  one.rows.hold = async () => {
    one.inbox.take(one.rows.hint(one.rows.add()), true);
    one.rows.hold = null;
  };
  await one.inbox.markAllRead();
  expect(one.inbox.snapshot.unread).toBe(1);
  await one.clock.advance(1_500);
  expect([one.inbox.snapshot.unread, one.rows.unread]).toEqual([1, 1]);
});

test("a row that comes back from the archive is shown again", async () => {
  const one = stage(3, 10);
  await one.ready();
  const row = one.rows.all[1]!;
  one.rows.mark(row, { archivedAt: "x" });
  one.inbox.take(one.rows.updated(row), true);
  expect(one.shown()).toEqual(["n3", "n1"]);
  one.rows.mark(row, { archivedAt: null });
  one.inbox.take({ ...one.rows.updated(row), data: { ids: [row.id], readAt: null, archivedAt: null } }, true);
  await one.clock.advance(1);
  one.isRight();
});

test("a late `updated` about the archive does not hide a row that was read before", async () => {
  const one = stage(3, 10);
  const row = one.rows.all[1]!;
  one.rows.mark(row, { readAt: "x" });
  await one.ready();
  const told = (archivedAt: string | null) => ({
    ...one.rows.updated(row),
    data: { ids: [row.id], readAt: "x", archivedAt },
  });
  // Archived by one instance, brought back by another, whose word comes first.
  one.inbox.take(told(null), true);
  await one.clock.advance(1);
  one.inbox.take(told("x"), true);
  expect(one.shown()).toEqual(["n3", "n1"]);
  await one.clock.advance(1_500);
  one.isRight();
});

test("an answer to `archive` that comes after the row was brought back elsewhere does not hide it", async () => {
  const one = stage(3, 10);
  const row = one.rows.all[1]!;
  one.rows.mark(row, { readAt: "x" });
  await one.ready();
  one.rows.hold = async (path) => {
    if (!path.endsWith(row.id)) return;
    one.rows.hold = null;
    one.rows.mark(row, { archivedAt: null });
    one.inbox.take({ ...one.rows.updated(row), data: { ids: [row.id], readAt: "x", archivedAt: null } }, true);
    await one.clock.advance(2_000);
  };
  await one.inbox.archive(row.id);
  await one.clock.advance(1_500);
  one.isRight();
});
