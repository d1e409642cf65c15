// Where rows of a list are, compared with a sum over all rows before them.
import { expect, test } from "bun:test";
import { RowLayout } from "../../packages/inbox/src/row_layout";

const rowsOf = (...seqs: number[]) => seqs.map((seq) => ({ id: `id-${seq}`, seq }));

test("rows that were not shown have the mean height of those that were shown first", () => {
  const layout = new RowLayout();
  layout.place(rowsOf(5, 4, 3, 2));
  expect(
    layout.measure([
      ["id-5", 50],
      ["id-4", 70],
    ]),
  ).toBe(true); // prettier-ignore
  layout.place(rowsOf(5, 4, 3, 2));
  expect([0, 1, 2, 3, 4].map((n) => layout.top(n))).toEqual([0, 50, 120, 180, 240]);
  expect(layout.total).toBe(240);
});

test("heights that are known already change nothing", () => {
  const layout = new RowLayout();
  layout.measure([["id-1", 50]]);
  expect(layout.measure([["id-1", 50]])).toBe(false);
  expect(layout.measure([["id-1", 51]])).toBe(true);
});

test("a list without rows has no row anywhere, and no height", () => {
  const layout = new RowLayout();
  layout.place([]);
  expect([layout.at(0), layout.total, layout.indexOf(3), ...layout.range(0, 500)]).toEqual([-1, 0, 0, 0, 0]);
});

test("a seq that is not in the list has the place of the next older row", () => {
  const layout = new RowLayout();
  layout.place(rowsOf(9, 7, 3));
  expect([10, 9, 8, 7, 4, 3, 1].map((seq) => layout.indexOf(seq))).toEqual([0, 0, 1, 1, 2, 2, 3]);
});

test("the rows of a range are those that a walk over all rows finds", () => {
  const rows = rowsOf(...Array.from({ length: 500 }, (_, n) => 1_000 - 2 * n));
  const heights = rows.map(({ seq }) => 40 + ((seq * 37) % 60));
  const layout = new RowLayout();
  layout.measure(rows.map(({ id }, n) => [id, heights[n]!]));
  layout.place(rows);
  const tops = heights.map((_, n) => heights.slice(0, n).reduce((sum, height) => sum + height, 0));
  for (let y = 0; y < layout.total + 500; y += 333) {
    const last = rows.length - 1;
    const walked = (at: number) => {
      const n = tops.findIndex((top, n) => top + heights[n]! > at);
      return n < 0 ? last : n;
    };
    expect(layout.range(y, 480)).toEqual([walked(y), walked(y + 480) + 1]);
  }
});
