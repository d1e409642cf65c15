// `<signal-inbox>` in Chromium on a real server: its badge, list, keyboard, changes and words.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "../../../../tests/system/support/chromium";
import { badge, desktop, focus, holds, InboxStage, phone, titles, type PageOptions } from "../support/inbox_page";
import { until } from "../../../../tests/system/support/signal";

let stage: InboxStage;
let users = 0;
beforeAll(async () => {
  stage = await InboxStage.start();
});
afterAll(async () => {
  expect(stage.complaints).toEqual([]);
  await stage.stop();
});

/** A new user with so many notifications, n1 the oldest, and a page of theirs. */
async function withRows(count: number, options: Partial<PageOptions> = {}): Promise<[Page, string]> {
  const user = `user-${++users}`;
  if (count > 0) await stage.notify(user, ...Array.from({ length: count }, (_, n) => ({ title: `n${n + 1}` })));
  return [await stage.open({ user, ...options }), user];
}
const openPanel = async (tab: Page, rows: number) => {
  await tab.locator("signal-inbox [part=bell]").click();
  await holds(tab, `bell.shadowRoot.querySelectorAll('article').length === ${rows}`, `${rows} rows`);
};
const press = async (tab: Page, ...keys: string[]) => {
  for (const key of keys) await tab.keyboard.press(key);
};
const isBadge = (tab: Page, count: number) =>
  until(async () => (await badge(tab)) === count, 10_000, `the badge to be ${count}`);
const isCount = (user: string, count: number) =>
  until(async () => (await stage.counts(user)).count === count, 10_000, `an unread count of ${count}`);
const button = (tab: Page, title: string, name: string) =>
  tab.locator("signal-inbox article", { hasText: title }).getByRole("button", { name, exact: true });

test("the badge is the unread count, through arrivals and changes here and elsewhere", async () => {
  const [tab, user] = await withRows(3);
  await isBadge(tab, 3);
  await stage.notify(user, { title: "n4" });
  await isBadge(tab, 4);
  await openPanel(tab, 4);
  await button(tab, "n4", "Mark as read").click();
  await isBadge(tab, 3);
  await isCount(user, 3);
  await button(tab, "n4", "Mark as unread").click();
  await isBadge(tab, 4);
  await isCount(user, 4);
  const other = await stage.open({ user });
  await other.evaluate("signal.inbox.markRead(signal.inbox.snapshot.items[0].id)");
  await isBadge(tab, 3);
  await tab.getByRole("button", { name: "Mark all as read" }).click();
  await isBadge(tab, 0);
  await isBadge(other, 0);
  await isCount(user, 0);
  expect(await tab.evaluate("bell.shadowRoot.querySelector('[part=bell]').getAttribute('aria-label')")).toBe(
    "Notifications",
  );
});

test("more than 99 are 99+ in the badge and in the name of the bell", async () => {
  const [tab] = await withRows(101);
  await holds(tab, "bell.shadowRoot.querySelector('[part=badge]').textContent === '99+'", "99+");
  const bell = tab.getByRole("button", { name: "Notifications, 99+ unread" });
  expect(await bell.count()).toBe(1);
});

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

test("custom properties, theme and slots of the page are used", async () => {
  const [tab] = await withRows(1);
  await tab.evaluate(`bell.style.setProperty("--signal-background", "rgb(1, 2, 3)");
    bell.insertAdjacentHTML("beforeend", '<i slot="bell">Ring</i><a slot="footer" href="/all">All of them</a>')`);
  await openPanel(tab, 1);
  expect(await tab.getByText("Ring").isVisible()).toBe(true);
  expect(await tab.getByRole("link", { name: "All of them" }).isVisible()).toBe(true);
  const colours = () =>
    tab.evaluate(
      "((one) => [one.backgroundColor, one.color])(getComputedStyle(bell.shadowRoot.querySelector('dialog')))",
    );
  expect(await colours()).toEqual(["rgb(1, 2, 3)", "rgb(26, 28, 31)"]);
  await tab.evaluate("bell.setAttribute('theme', 'dark')");
  expect(await colours()).toEqual(["rgb(1, 2, 3)", "rgb(236, 238, 241)"]);
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

test("a chosen row is marked as read and told to the app, which can prevent the mark", async () => {
  const [tab, user] = await withRows(2);
  await openPanel(tab, 2);
  await tab.evaluate(
    "bell.addEventListener('signal-select', (one) => one.detail.title === 'n1' && one.preventDefault())",
  );
  await tab.locator("signal-inbox").getByText("n1").click();
  await tab.locator("signal-inbox").getByText("n2").click();
  await isCount(user, 1);
  await press(tab, "ArrowDown", "Enter");
  expect(await tab.evaluate("told.selected")).toEqual(["n1", "n2", "n1"]);
  expect(await tab.evaluate("signal.inbox.snapshot.items.map((one) => !!one.readAt)")).toEqual([true, false]);
});

test("hostile titles, bodies, data and labels are shown as text, and no link of a script is made", async () => {
  const [tab, user] = await withRows(0, { toasts: 'duration="0"' });
  const hostile = '<img src=x onerror="hacked=1"><script>hacked=1</script><b>bold</b>" onfocus="hacked=1';
  await tab.evaluate(`bell.actions = ({ title, data }) => [
    { label: title }, { label: "bad", href: data.link }, { label: "good", href: "/sale?" + title },
    { label: "data", href: "data:text/html," + title }, { label: "vb", href: " JaVaScRiPt:hacked=1" } ]`);
  await stage.notify(user, { title: hostile, body: hostile, data: { link: "javascript:hacked=1" } });
  await openPanel(tab, 1);
  await holds(tab, "told.toasted.length === 1", "the toast");
  for (const element of ["bell", "toasts"]) {
    const root = `${element}.shadowRoot`;
    expect(await tab.evaluate(`${root}.querySelectorAll("img, script, b, [onerror], [onfocus]").length`)).toBe(0);
    const texts = `[...${root}.querySelectorAll(":is(article, .toast) [dir=auto]")].map((one) => one.textContent)`;
    expect(await tab.evaluate(texts)).toEqual([hostile, hostile]);
  }
  const links = "[...bell.shadowRoot.querySelectorAll('a')].map((one) => [one.textContent, one.protocol])";
  expect(await tab.evaluate(links)).toEqual([["good", "http:"]]);
  expect(await tab.evaluate("[...bell.shadowRoot.querySelectorAll('.own *')].map((one) => one.textContent)")).toEqual([
    hostile,
    "good",
  ]);
  expect(await tab.evaluate("'hacked' in globalThis")).toBe(false);
});

test("a change that the server refuses is undone, and the panel says so", async () => {
  const [tab, user] = await withRows(2);
  await openPanel(tab, 2);
  await tab.route("**/v1/notifications/*", (route) => route.abort());
  await button(tab, "n2", "Mark as read").click();
  await tab.getByText("The change could not be saved, so it was undone.").waitFor();
  await isBadge(tab, 2);
  await tab.unroute("**/v1/notifications/*");
  await button(tab, "n2", "Mark as read").click();
  await isCount(user, 1);
  await tab.getByText("The change could not be saved").waitFor({ state: "hidden" });
});

test("a token provider that fails is told in words, and Try again asks it again", async () => {
  const user = `user-${++users}`;
  await stage.notify(user, { title: "n1" });
  const fetched = `async () => { if (!globalThis.isBack) throw new Error("down");
    return (await fetch("/dev/token", { method: "POST", headers, body })).text(); }`;
  const tab = await stage.open({ user, token: fetched });
  await tab.locator("signal-inbox [part=bell]").click();
  await tab.getByText("The sign-in could not be confirmed.").waitFor();
  await tab.evaluate("globalThis.isBack = true");
  await tab.getByRole("button", { name: "Try again" }).click();
  await isBadge(tab, 1);
  await holds(tab, "bell.shadowRoot.querySelector('[part=problem]').hidden", "the problem to be gone");
});

test("the language is that of the nearest lang, and single texts can be replaced", async () => {
  const [tab] = await withRows(1, { lang: "vi-VN" });
  await tab.getByRole("button", { name: "Thông báo, 1 chưa đọc" }).click();
  expect(await tab.getByRole("button", { name: "Đánh dấu tất cả đã đọc" }).count()).toBe(1);
  await tab.evaluate("bell.texts = { title: 'Tin nhắn' }");
  await tab.getByRole("dialog", { name: "Tin nhắn" }).waitFor();
  await tab.evaluate("bell.lang = 'en'");
  await tab.getByRole("button", { name: "Mark all as read" }).waitFor();
  expect(await tab.locator("signal-inbox time").textContent()).toBe("now");
});

test("pages are loaded as the list is scrolled, up to the last row", async () => {
  const [tab] = await withRows(45, { pageSize: 10 });
  await tab.locator("signal-inbox [part=bell]").click();
  await press(tab, "ArrowDown");
  const end = async () => {
    await press(tab, "End");
    return (await focus(tab)) === "row n1";
  };
  await until(end, 10_000, "the last row");
  expect(await tab.evaluate("[signal.inbox.snapshot.items.length, signal.inbox.snapshot.hasMore]")).toEqual([
    45,
    false,
  ]);
  expect(await tab.getByRole("button", { name: "Show older" }).count()).toBe(0);
});

test("a page that fails is told, is not asked for again by itself, and is loaded by Show older", async () => {
  const [tab] = await withRows(15, { pageSize: 10 });
  let asked = 0;
  await tab.route("**/v1/notifications?*", (route) => {
    ++asked;
    return route.abort();
  });
  await tab.locator("signal-inbox [part=bell]").click();
  await tab.getByText("The notifications could not be loaded.").waitFor();
  await tab.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  expect(asked).toBe(1);
  await tab.unroute("**/v1/notifications?*");
  await tab.getByRole("button", { name: "Show older" }).click();
  await holds(tab, "signal.inbox.snapshot.items.length === 15", "the second page");
});

test("what was set on an element before it was defined holds", async () => {
  const tab = await stage.bare("<signal-inbox></signal-inbox>");
  await tab.evaluate("Object.assign(document.querySelector('signal-inbox'), { texts: { title: 'Post' }, open: true })");
  await stage.define(tab);
  await tab.getByRole("dialog", { name: "Post" }).waitFor();
});

test("another client replaces the first one, with its badge and its rows", async () => {
  const [tab, user] = await withRows(2);
  await isBadge(tab, 2);
  const other = `user-${++users}`;
  await stage.notify(other, { title: "theirs" });
  await tab.evaluate(`(async () => {
    const body = JSON.stringify({ userId: "${other}" });
    const headers = { "x-signal-dev": "1", "content-type": "application/json", accept: "text/plain" };
    const token = () => fetch("/dev/token", { method: "POST", headers, body }).then((one) => one.text());
    globalThis.theirs = createSignal({ url: location.origin, user: "${other}", token });
    bell.signal = theirs;
    theirs.start();
  })()`);
  await isBadge(tab, 1);
  await openPanel(tab, 1);
  expect(await titles(tab)).toEqual(["theirs"]);
  await stage.notify(user, { title: "not shown" });
  await holds(tab, "signal.inbox.snapshot.unread === 3", "the first client's row");
  expect([await badge(tab), await titles(tab)]).toEqual([1, ["theirs"]]);
  await tab.evaluate("bell.signal = null");
  await isBadge(tab, 0);
});

test("the quick start of the README is ten lines, and shows the notifications of its user", async () => {
  const readme = readFileSync(resolve(import.meta.dir, "../../packages/inbox/README.md"), "utf8");
  const code = /```html\n(.*?)```/s.exec(readme)![1]!;
  expect(code.trim().split("\n").length).toBeLessThanOrEqual(10);
  const [, html, script] = /^(.*?)<script type="module">(.*?)<\/script>/s.exec(code)!;
  await stage.notify("u1", { title: "n1" });
  const tab = await stage.bare(html!);
  const token = await stage.server.token("u1");
  await tab.route("**/my/token", (route) => route.fulfill({ body: token }));
  await stage.define(tab);
  await tab.evaluate(
    `{${script!.replace(/^ *import .*$/gm, "").replace("https://signal.example", stage.server.http)}}`,
  );
  await tab.getByRole("button", { name: "Notifications, 1 unread" }).click();
  await tab.getByRole("article", { name: "n1" }).waitFor();
  await stage.notify("u1", { title: "n2" });
  await tab.locator("signal-toasts").getByRole("button", { name: "n2", exact: true }).waitFor();
});
