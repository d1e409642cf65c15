// `<signal-toasts>` in Chromium on a real server: once in a browser, in time, by keyboard, and what reaches a user who
// does not look.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "../../../../tests/system/support/chromium";
import { desktop, focus, holds, InboxStage } from "../support/inbox_page";
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
const newUser = () => `t${++users}`;
const toasted = (tab: Page) => tab.evaluate("told.toasted") as Promise<string[]>;
const shown = (tab: Page) =>
  tab.evaluate(
    "[...toasts.shadowRoot.querySelectorAll('[part=toast-title]')].map((one) => one.textContent)",
  ) as Promise<string[]>;
const areShown = (tab: Page, ...titles: string[]) =>
  until(async () => `${await shown(tab)}` === `${titles}`, 10_000, `the toasts ${titles}`);
/** The page believes that nobody looks at it: headless Chromium takes every tab for visible. */
const hide = (tab: Page, state: "hidden" | "visible") =>
  tab.evaluate(`Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"))`);

test("each notification is a toast in one of four tabs, and in none after a reload", async () => {
  const user = newUser();
  const context = await stage.context();
  const tabs: Page[] = [];
  for (let n = 0; n < 4; ++n) tabs.push(await stage.open({ user, context, toasts: 'max="50" duration="0"' }));
  const titles = Array.from({ length: 30 }, (_, n) => `n${n}`);
  for (let n = 0; n < titles.length; n += 3) {
    await stage.send(
      user,
      titles.slice(n, n + 3).map((title) => ({ title })),
    ); // prettier-ignore
    await Bun.sleep(60);
  }
  for (const tab of tabs) await holds(tab, "signal.inbox.snapshot.unread === 30", "all rows in each tab");
  const all = async () => (await Promise.all(tabs.map(toasted))).flat();
  await until(async () => (await all()).length >= 30, 10_000, "all toasts");
  expect((await all()).sort()).toEqual([...titles].sort());
  await tabs[0]!.close();
  const again = await stage.open({ user, context, toasts: 'max="50" duration="0"' });
  // To this tab it is one that was missed, to the others a live one.
  await again.evaluate("signal.stop()");
  await stage.notify(user, { title: "missed" });
  await again.evaluate("signal.start()");
  await holds(again, "signal.inbox.snapshot.unread === 31", "the missed one");
  tabs[0] = again;
  await until(async () => (await all()).includes("missed"), 10_000, "its toast in one of the tabs");
  expect((await all()).filter((title) => title === "missed")).toEqual(["missed"]);
});

test("two users of one browser have each the toast of a message to both", async () => {
  const [one, two] = [newUser(), newUser()];
  const context = await stage.context();
  const tabs = [await stage.open({ user: one, context }), await stage.open({ user: two, context })];
  await stage.send(one, [{ title: "both", recipientIds: [one, two] } as never]);
  for (const tab of tabs) await holds(tab, "told.toasted.length === 1", "the toast");
});

test("a toast goes after its duration, not while the pointer or the focus is on it", async () => {
  const user = newUser();
  const tab = await stage.open({ user, toasts: 'duration="600"' });
  // Where the toast will be: a slow machine has no time to get there.
  await tab.mouse.move(desktop.width - 60, desktop.height - 40);
  await stage.notify(user, { title: "short" });
  await areShown(tab, "short");
  await Bun.sleep(2_000);
  expect(await shown(tab)).toEqual(["short"]);
  await tab.locator("signal-toasts [part=toast-title]").focus();
  await tab.mouse.move(5, 5);
  await Bun.sleep(2_000);
  expect(await shown(tab)).toEqual(["short"]);
  await tab.locator("#before").focus();
  await areShown(tab);
});

test("Escape closes a toast, and the focus is on the next one, then where it was before", async () => {
  const user = newUser();
  const tab = await stage.open({ user, toasts: 'duration="0"' });
  await stage.notify(user, { title: "first" });
  await stage.notify(user, { title: "second" });
  await areShown(tab, "first", "second");
  await tab.locator("#after").focus();
  await tab.keyboard.press("Tab");
  expect(await focus(tab)).toBe("toast-title");
  await tab.keyboard.press("Escape");
  await areShown(tab, "second");
  expect(await focus(tab)).toBe("toast-title");
  await tab.keyboard.press("Escape");
  await areShown(tab);
  expect(await focus(tab)).toBe("after");
});

test("the live region has title and body of each toast once, and the number of the others", async () => {
  const user = newUser();
  const tab = await stage.open({ user, toasts: 'duration="0" max="1"' });
  await tab.evaluate(`told.spoken = []; new MutationObserver(() =>
    told.spoken.push(toasts.shadowRoot.querySelector("[role=status]").textContent))
    .observe(toasts.shadowRoot.querySelector("[role=status]"), { childList: true, characterData: true })`);
  await stage.notify(user, { title: "Paid", body: "12 €" });
  await holds(tab, "told.spoken.length === 1", "the words");
  await hide(tab, "hidden");
  await stage.notify(user, { title: "n1" }, { title: "n2" }, { title: "n3" });
  await holds(tab, "signal.inbox.snapshot.unread === 4", "the rows");
  await hide(tab, "visible");
  await holds(tab, "told.spoken.length === 2", "the next words");
  expect(await tab.evaluate("told.spoken")).toEqual(["Paid. 12 €", "n3. 2 more notifications"]);
});

test("a chosen toast is told to the app, marked as read and gone", async () => {
  const user = newUser();
  const tab = await stage.open({ user, toasts: 'duration="0"' });
  await stage.notify(user, { title: "choose" });
  await areShown(tab, "choose");
  await tab.locator("signal-toasts").getByRole("button", { name: "choose", exact: true }).click();
  await areShown(tab);
  expect(await tab.evaluate("told.selected")).toEqual(["choose"]);
  await until(async () => (await stage.counts(user)).count === 0, 10_000, "the mark");
});

test("a hidden tab leaves a toast to the visible one, and shows what is left when it is visible itself", async () => {
  const user = newUser();
  const context = await stage.context();
  const hidden = await stage.open({ user, context, toasts: 'duration="0"' });
  const visible = await stage.open({ user, context, toasts: 'duration="0"' });
  await hide(hidden, "hidden");
  await stage.notify(user, { title: "seen" });
  await areShown(visible, "seen");
  await hide(visible, "hidden");
  await stage.notify(user, { title: "later" });
  for (const tab of [hidden, visible]) await holds(tab, "signal.inbox.snapshot.unread === 2", "the row");
  await hide(hidden, "visible");
  await areShown(hidden, "later");
  expect([await toasted(hidden), await toasted(visible)]).toEqual([["later"], ["seen"]]);
});

/** Notes what the page asks of the system, and lets it through. */
const watchSystem = `globalThis.asked = [];
  globalThis.Notification = class extends Notification {
    constructor(title, options) { super(title, options); asked.push([title, options.body]); }
  };
  const create = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { asked.push("tone"); return create.call(this); };`;

test("without the attributes there is no sound and no notification of the system, with them both", async () => {
  const user = newUser();
  const context = await stage.context();
  await context.grantPermissions(["notifications"]);
  const tab = await stage.open({ user, context, toasts: 'duration="0"' });
  await tab.evaluate(watchSystem);
  await tab.locator("#before").click(); // a page that nobody has touched must not sound
  expect(await tab.evaluate("toasts.requestPermission()")).toBe("granted");
  await stage.notify(user, { title: "quiet" });
  await areShown(tab, "quiet");
  await hide(tab, "hidden");
  await stage.notify(user, { title: "unseen" });
  await holds(tab, "signal.inbox.snapshot.unread === 2", "the row");
  expect(await tab.evaluate("asked")).toEqual([]);
  await tab.evaluate("toasts.setAttribute('sound', ''); toasts.setAttribute('system', '')");
  await stage.notify(user, { title: "loud", body: "12 €" });
  await holds(tab, "asked.length >= 3", "sound and notifications");
  expect(await tab.evaluate("asked")).toEqual(["tone", ["unseen", ""], ["loud", "12 €"]]);
  expect(await toasted(tab)).toEqual(["quiet"]);
});

test("where IndexedDB is forbidden the tab with the socket shows the toasts, and the other one none", async () => {
  const user = newUser();
  const context = await stage.context();
  await context.addInitScript("Object.defineProperty(globalThis, 'indexedDB', { get() { throw new Error('no'); } })");
  const tabs = [
    await stage.open({ user, context, toasts: 'duration="0"' }),
    await stage.open({ user, context, toasts: 'duration="0"' }),
  ];
  await stage.notify(user, { title: "only" });
  for (const tab of tabs) await holds(tab, "signal.inbox.snapshot.unread === 1", "the row");
  await areShown(tabs[0]!, "only");
  await Bun.sleep(500);
  expect(await toasted(tabs[1]!)).toEqual([]);
});

test("of over 2,000 ids the oldest are forgotten, so that the storage does not grow", async () => {
  const user = newUser();
  const tab = await stage.open({ user, toasts: 'duration="0"' });
  const store = `new Promise((done) => {
    const request = indexedDB.open(signal.name + " toasts");
    request.onsuccess = () => done(request.result.transaction("shown", "readwrite").objectStore("shown")); })`;
  await tab.evaluate(`(async () => {
    const shown = await ${store};
    for (let n = 0; n < 2_000; ++n) shown.add(1, "0000-" + String(n).padStart(4, "0"));
    await new Promise((done) => { shown.transaction.oncomplete = done; });
  })()`);
  await stage.notify(user, { title: "one more" });
  await areShown(tab, "one more");
  const kept = (await tab.evaluate(`(async () => {
    const request = (await ${store}).getAllKeys();
    return new Promise((done) => { request.onsuccess = () => done(request.result); });
  })()`)) as string[];
  expect([kept.length, kept[0], kept.at(-2)]).toEqual([1_000, "0000-1001", "0000-1999"]);
});
