// Relative times at the borders of their units.
import { expect, test } from "bun:test";
import { timesIn } from "../../packages/inbox/src/times";

const now = Date.parse("2026-11-30T12:00:00.000Z");
const before = (seconds: number) => new Date(now - seconds * 1_000).toISOString();

for (const [seconds, english, vietnamese] of [
  [0, "now", "bây giờ"],
  [59, "now", "bây giờ"],
  [60, "1 minute ago", "1 phút trước"],
  [3_599, "59 minutes ago", "59 phút trước"],
  [3_600, "1 hour ago", "1 giờ trước"],
  [86_399, "23 hours ago", "23 giờ trước"],
  [86_400, "yesterday", "Hôm qua"],
  [604_799, "6 days ago", "6 ngày trước"],
] as const)
  test(`${seconds} s ago is "${english}" and "${vietnamese}"`, () => {
    expect(timesIn("en").ago(before(seconds), now)).toBe(english);
    expect(timesIn("vi").ago(before(seconds), now).toLowerCase()).toBe(vietnamese.toLowerCase());
  });

test("a week ago is a date", () => {
  expect(timesIn("en").ago(before(604_800), now)).toBe("Nov 23, 2026");
});

test("a device whose clock is an hour behind shows a new notification as of now", () => {
  expect(timesIn("en").ago(before(-3_600), now)).toBe("now");
});
