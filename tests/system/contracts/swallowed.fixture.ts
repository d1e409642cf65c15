// Tests of what the program must not say; contracts.test.ts runs them and each must fail, or the guard is none.
import { test } from "bun:test";
import { eventually } from "../harness/patience";
import { breached } from "./answers";

test("a wait that would swallow the breach", async () => {
  let asked = 0;
  await eventually(() => ++asked > 1 || breached("said once"), 1_000, "the second answer");
});
test("a test that catches everything", async () => {
  try {
    breached("caught");
  } catch {
    /* on purpose */
  }
});
test("a test that comes afterwards", () => {});
