// `<signal-inbox inline>` in Chromium on a real server: the panel as a part of the page.
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  button,
  desktop,
  findings,
  focus,
  holds,
  InboxStage,
  isBadge,
  openPanel,
  phone,
  picture,
  press,
  titles,
} from "../support/inbox_page";

let stage: InboxStage;
beforeAll(async () => {
  stage = await InboxStage.start();
});
afterAll(async () => {
  expect(stage.complaints).toEqual([]);
  await stage.stop();
});
const toasts = 'duration="1"';
const isRows = (count: number) => `bell.shadowRoot.querySelectorAll('article').length === ${count}`;

test("rows, badge and changes are there without a bell, and stay at a click elsewhere and at Escape", async () => {
  const [tab, user] = await stage.withRows(2, { inbox: "inline", toasts });
  const region = tab.getByRole("region", { name: "Notifications, 2 unread" });
  await region.waitFor();
  await holds(tab, isRows(2), "the rows");
  expect(await tab.locator("signal-inbox [part=bell]").isVisible()).toBe(false);
  expect(await tab.getByRole("button", { name: "Close", exact: true }).isVisible()).toBe(false);
  await isBadge(tab, 2);
  expect(await tab.locator("signal-inbox [part=badge]").isVisible()).toBe(true);
  expect(await tab.locator("signal-inbox [part=badge]").getAttribute("aria-hidden")).toBe(null);
  await button(tab, "n2", "Mark as read").click();
  await isBadge(tab, 1);
  await press(tab, "Escape");
  await tab.getByText("Sales of today").click();
  await stage.notify(user, { title: "n3" });
  await holds(tab, isRows(3), "the new row");
  expect(await titles(tab)).toEqual(["n3", "n2", "n1"]);
  expect(await tab.getByRole("region", { name: "Notifications, 2 unread" }).isVisible()).toBe(true);
  expect(await tab.evaluate("told.toggled")).toEqual([]);
});

test("the keyboard gets into the list and behind it", async () => {
  const [tab] = await stage.withRows(3, { inbox: "inline", toasts });
  await holds(tab, isRows(3), "the rows");
  await tab.locator("#before").focus();
  await press(tab, "Tab");
  expect(await focus(tab)).toBe("mark-all-read");
  await press(tab, "Tab");
  expect(await focus(tab)).toBe("row n3");
  await press(tab, "End");
  expect(await focus(tab)).toBe("row n1");
  await press(tab, "Control+End");
  expect(await focus(tab)).toBe("end");
  const end = tab.getByText("End of the list");
  expect((await end.boundingBox())!.height).toBeGreaterThan(15);
  expect(await end.evaluate((one) => getComputedStyle(one).outlineStyle)).toBe("solid");
  await press(tab, "Tab");
  expect(await focus(tab)).toBe("after");
  expect((await end.boundingBox())!.height).toBe(1);
});

test("after Undo the panel has the focus, and an arrow leads into the list", async () => {
  const [tab] = await stage.withRows(3, { inbox: "inline", toasts });
  await holds(tab, isRows(3), "the rows");
  await button(tab, "n2", "Archive").focus();
  await press(tab, "Enter");
  await holds(tab, isRows(2), "the row to be gone");
  expect(await focus(tab)).toBe("row n1");
  await press(tab, "Control+End", "Tab");
  expect(await tab.getByRole("button", { name: "Undo" }).evaluate((one) => one.matches(":focus"))).toBe(true);
  await press(tab, "Enter");
  await holds(tab, isRows(3), "the row to be back");
  expect(await focus(tab)).toBe("panel");
  await press(tab, "ArrowDown");
  expect(await focus(tab)).toBe("row n3");
});

test("with `open` it is the same panel, and Escape is left to the page", async () => {
  const [tab] = await stage.withRows(1, { inbox: "inline open", toasts });
  await holds(tab, isRows(1), "the row");
  await tab.evaluate(
    "globalThis.keys = []; document.addEventListener('keydown', (e) => keys.push(e.key, e.defaultPrevented))",
  );
  await tab.locator("#before").focus();
  await press(tab, "Tab", "Tab", "Escape");
  expect(await focus(tab)).toBe("row n1");
  expect(((await tab.evaluate("keys")) as unknown[]).slice(-2)).toEqual(["Escape", false]);
  expect(await tab.evaluate("[bell.open, told.toggled]")).toEqual([true, []]);
  expect(await tab.getByRole("dialog").count()).toBe(0);
});

test("two inboxes on one page are each that of their user, by name, rows and changes", async () => {
  const other = stage.newUser();
  await stage.notify(other, { title: "o1" }, { title: "o2" }, { title: "o3" });
  const [tab] = await stage.withRows(2, { inbox: "inline", toasts });
  const token = await stage.server.token(other);
  await tab.evaluate(`{
    const second = document.createElement("signal-inbox");
    second.setAttribute("inline", "");
    second.texts = { bell: (unread) => "Those of the other, " + unread };
    second.signal = createSignal({ url: location.origin, user: "${other}", token: () => "${token}" });
    document.querySelector("main").append(bell, second);
    second.signal.start();
  }`);
  const [first, second] = [
    tab.getByRole("region", { name: "Notifications, 2 unread" }),
    tab.locator("signal-inbox").nth(1),
  ];
  const region = tab.getByRole("region", { name: "Those of the other, 3" });
  await region.getByRole("article").nth(2).waitFor();
  expect(await first.getByRole("article").count()).toBe(2);
  await region.getByRole("article", { name: "o2" }).getByRole("button", { name: "Archive", exact: true }).focus();
  await press(tab, "Enter");
  await second.getByRole("button", { name: "Undo" }).waitFor();
  expect(await first.getByRole("button", { name: "Undo" }).isVisible()).toBe(false);
  expect(await focus(tab)).toBe("row o1");
  await second.getByRole("button", { name: "Undo" }).click();
  await region.getByRole("article").nth(2).waitFor();
  await isBadge(tab, 2);
  expect(await titles(tab)).toEqual(["n2", "n1"]);
  await press(tab, "ArrowDown");
  expect(await focus(tab)).toBe("row o3");
  expect(await findings(tab)).toEqual([]);
});

test("a panel becomes a part of the page, and a dialog again", async () => {
  const [tab] = await stage.withRows(2, { toasts });
  await openPanel(tab, 2);
  await tab.evaluate("bell.setAttribute('inline', '')");
  await tab.getByRole("region", { name: "Notifications, 2 unread" }).waitFor();
  await holds(tab, isRows(2), "the rows in the page");
  expect(await tab.getByRole("dialog").count()).toBe(0);
  expect(await tab.evaluate("told.toggled")).toEqual([true, false]);
  await tab.evaluate("bell.removeAttribute('inline')");
  await tab.getByRole("dialog", { name: "Notifications" }).waitFor();
  await holds(tab, isRows(2), "the rows in the dialog");
  await press(tab, "Escape");
  await tab.getByRole("dialog").waitFor({ state: "hidden" });
  expect(await focus(tab)).toBe("bell");
  expect(await tab.evaluate("told.toggled")).toEqual([true, false, true, false]);
  expect(await tab.locator("signal-inbox [part=badge]").getAttribute("aria-hidden")).toBe("true");
  await isBadge(tab, 2);
});

for (const [device, colorScheme, dir, viewport] of [
  ["desktop", "light", "ltr", desktop],
  ["phone", "dark", "rtl", phone],
] as const)
  test(`${device}, ${colorScheme}, ${dir}: axe finds nothing, and nothing is too wide`, async () => {
    const [tab] = await stage.withRows(4, { inbox: "inline", toasts, viewport, colorScheme, dir });
    await tab.evaluate("document.querySelector('main').append(bell)"); // the header is too narrow on a phone
    await holds(tab, isRows(4), "the rows");
    await holds(tab, "!toasts.shadowRoot.querySelector('[part=toast]')", "the end of the toasts");
    await picture(tab, `inline-${device}-${colorScheme}-${dir}`);
    expect(await findings(tab)).toEqual([]);
    expect(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });
