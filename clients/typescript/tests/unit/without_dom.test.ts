// The inbox package where there is no DOM, as when a page is rendered on a server.
import { expect, test } from "bun:test";

test("the import succeeds without a DOM, and defines nothing", async () => {
  expect("HTMLElement" in globalThis || "customElements" in globalThis).toBe(false);
  const { SignalInbox, SignalToasts, english } = await import("../../packages/inbox/src/index");
  expect([typeof SignalInbox, typeof SignalToasts, english.title]).toEqual(["function", "function", "Notifications"]);
});
