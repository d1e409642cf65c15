// `<signal-inbox>` by keyboard: where the focus goes, and what opens and closes the panel.
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  button,
  desktop,
  focus,
  holds,
  InboxStage,
  openPanel,
  phone,
  press,
  titles,
  type PageOptions,
} from "../support/inbox_page";
import { until } from "../../../../tests/system/support/signal";

let stage: InboxStage;
beforeAll(async () => {
  stage = await InboxStage.start();
});
afterAll(async () => {
  expect(stage.complaints).toEqual([]);
  await stage.stop();
});
const withRows = (count: number, options?: Partial<PageOptions>) => stage.withRows(count, options);
const isCount = (user: string, count: number) =>
  until(async () => (await stage.counts(user)).count === count, 10_000, `an unread count of ${count}`);

test("Enter opens the panel, Escape closes it, and the bell has the focus again", async () => {
  const [tab] = await withRows(2);
  await tab.locator("#before").focus();
  await press(tab, "Tab");
  expect(await focus(tab)).toBe("bell");
  await press(tab, "Enter");
  expect([await focus(tab), await tab.evaluate("bell.open")]).toEqual(["panel", true]);
  expect(await tab.getByRole("dialog", { name: "Notifications" }).count()).toBe(1);
  await press(tab, "Escape");
  expect([await focus(tab), await tab.evaluate("bell.open")]).toEqual(["bell", false]);
  expect(await tab.evaluate("told.toggled")).toEqual([true, false]);
});

test("Tab leads through the header, one row with its buttons, and out, which closes the panel", async () => {
  const [tab] = await withRows(3);
  await openPanel(tab, 3);
  const stops: string[] = [];
  for (let n = 0; n < 7; ++n) {
    await press(tab, "Tab");
    stops.push(await focus(tab));
  }
  expect(stops).toEqual(["mark-all-read", "close", "row n3", "row-title", "action", "action", "after"]);
  expect(await tab.evaluate("bell.open")).toBe(false);
});

test("the keys of a feed lead from row to row, and out of the list", async () => {
  const [tab] = await withRows(4);
  await openPanel(tab, 4);
  await press(tab, "Tab", "Tab", "Tab");
  const after: string[] = [];
  for (const key of ["PageDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "PageUp", "End", "Home"]) {
    await press(tab, key);
    after.push((await focus(tab)).replace("row ", ""));
  }
  expect(after).toEqual(["n3", "n2", "n1", "n1", "n2", "n3", "n1", "n4"]);
  await press(tab, "Control+Home");
  expect(await focus(tab)).toBe("mark-all-read");
  const feed = tab.getByRole("feed", { name: "Notifications" });
  expect(await feed.getByRole("article").count()).toBe(4);
  expect(await feed.getByRole("article").nth(1).getAttribute("aria-posinset")).toBe("2");
  expect(await feed.getByRole("article").nth(1).getAttribute("aria-setsize")).toBe("4");
});

test("on a phone the panel fills the screen and keeps the focus until Escape closes it", async () => {
  const [tab] = await withRows(1, { viewport: phone });
  await openPanel(tab, 1);
  const box = (await tab.getByRole("dialog", { name: "Notifications" }).boundingBox())!;
  expect(box).toEqual({ x: 0, y: 0, ...phone });
  for (let n = 0; n < 8; ++n) {
    await press(tab, "Tab");
    expect(["before", "after"]).not.toContain(await focus(tab));
  }
  await press(tab, "Escape");
  expect([await focus(tab), await tab.evaluate("bell.open")]).toEqual(["bell", false]);
});

test("a click elsewhere closes the panel, and a window that becomes narrow makes it a sheet", async () => {
  const [tab] = await withRows(1);
  await openPanel(tab, 1);
  await tab.setViewportSize(phone);
  await holds(tab, "bell.shadowRoot.querySelector('dialog').clientWidth === innerWidth", "the sheet");
  await tab.setViewportSize(desktop);
  await holds(tab, "bell.shadowRoot.querySelector('dialog').clientWidth < innerWidth / 2", "the panel");
  await tab.getByText("Sales of today").click();
  await holds(tab, "!bell.open && bell.shadowRoot.querySelector('dialog').clientWidth === 0", "the end of it");
});

test("an archived row is gone, its successor has the focus, and Undo brings it back", async () => {
  const [tab, user] = await withRows(3);
  await openPanel(tab, 3);
  await button(tab, "n2", "Archive").focus();
  await press(tab, "Enter");
  await holds(tab, "bell.shadowRoot.querySelectorAll('article').length === 2", "the row to be gone");
  expect(await focus(tab)).toBe("row n1");
  await isCount(user, 2);
  await tab.getByRole("button", { name: "Undo" }).click();
  await holds(tab, "bell.shadowRoot.querySelectorAll('article').length === 3", "the row to be back");
  expect(await titles(tab)).toEqual(["n3", "n2", "n1"]);
  await isCount(user, 3);
});

test("when the last row is archived the panel has the focus and says that it is empty", async () => {
  const [tab] = await withRows(1);
  await openPanel(tab, 1);
  await button(tab, "n1", "Archive").focus();
  await press(tab, "Enter");
  await tab.getByText("You have no notifications.").waitFor();
  expect(await focus(tab)).toBe("panel");
});
