// `<signal-inbox>` in Chromium on a real server: its badge, its list, changes, words, and what a page can replace.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  badge,
  button,
  focus,
  holds,
  InboxStage,
  isBadge,
  openPanel,
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

test("a custom property can have the value of one of the page whose name differs only in the prefix", async () => {
  const [tab] = await withRows(1);
  await tab.evaluate(`sheet.insertRule(":root { --accent: rgb(1, 2, 3) }");
    sheet.insertRule("signal-inbox { --signal-accent: var(--accent) }")`);
  await openPanel(tab, 1);
  const colour = "getComputedStyle(bell.shadowRoot.querySelector('[part=mark-all-read]')).color";
  expect(await tab.evaluate(colour)).toBe("rgb(1, 2, 3)");
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
  const user = stage.newUser();
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
  const other = stage.newUser();
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
