// 10,000 rows in the list, and hints by the thousand: few elements, the right rows, no row that moves under the eyes.
// What it takes is printed; no test asserts a speed. CLIENT_INBOX_HINTS: how many hints; 3,000 without it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "../../../../tests/system/support/chromium";
import { badge, findings, focus, holds, InboxStage, picture } from "../support/inbox_page";
import { figures, scroll, startWatch, type Scrolled, type Watched } from "../support/inbox_load";
import { until } from "../../../../tests/system/support/signal";

const count = 10_000;
const user = "u-long";
const sent = Number(process.env.CLIENT_INBOX_HINTS ?? 3_000);
let stage: InboxStage;
let tab: Page;
beforeAll(async () => {
  stage = await InboxStage.start();
  await fill(user, count);
  tab = await openAll(user);
});
afterAll(async () => {
  expect(stage.complaints).toEqual([]);
  await stage.stop();
});

/** Rows of different heights: n1 the oldest. */
async function fill(user: string, count: number) {
  const messages = Array.from({ length: count }, (_, n) => ({
    title: `n${n + 1}`,
    ...(n % 3 ? { body: "Coffee beans: 2 kg are left. ".repeat(1 + (n % 4)) } : {}),
  }));
  for (let n = 0; n < count; n += 1_000) await stage.send(user, messages.slice(n, n + 1_000));
  await until(async () => (await stage.counts(user)).seq === count, 60_000, "the rows");
}
/** A page with the open panel and all rows. */
async function openAll(user: string): Promise<Page> {
  const tab = await stage.open({ user, pageSize: 100 });
  await tab.evaluate("(async () => { while (signal.inbox.snapshot.hasMore) await signal.inbox.loadMore(); })()");
  await tab.locator("signal-inbox [part=bell]").click();
  await holds(tab, "!!bell.shadowRoot.querySelector('article')", "rows");
  return tab;
}
const elements = () => tab.evaluate("bell.shadowRoot.querySelectorAll('article').length") as Promise<number>;
/** The row at the upper edge, and how far it is above it. */
const edge = () =>
  tab.evaluate(`(() => {
    const list = bell.shadowRoot.querySelector(".scroller").getBoundingClientRect();
    for (const row of bell.shadowRoot.querySelectorAll("article")) {
      const { top, bottom } = row.getBoundingClientRect();
      if (bottom > list.top + 1)
        return [row.querySelector("[part=row-title] [dir]").textContent, Math.round(top - list.top)];
    }
  })()`) as Promise<[string, number]>;

test("of 10,000 rows some dozens are elements, each with its place, and axe finds nothing", async () => {
  expect(await tab.evaluate("signal.inbox.snapshot.items.length")).toBe(count);
  expect(await elements()).toBeLessThan(40);
  const last = "[...bell.shadowRoot.querySelectorAll('article')].at(-1)";
  expect(await tab.evaluate(`${last}.getAttribute('aria-setsize')`)).toBe(`${count}`);
  expect(await findings(tab)).toEqual([]);
  await picture(tab, "rows-10000");
});

test("End and Home lead to the last row and the first, and rows touch each other without a gap", async () => {
  await tab.keyboard.press("ArrowDown");
  await tab.keyboard.press("End");
  expect(await focus(tab)).toBe("row n1");
  await tab.keyboard.press("PageUp");
  expect(await focus(tab)).toBe("row n2");
  const gaps = await tab.evaluate(`(() => {
    const boxes = [...bell.shadowRoot.querySelectorAll("article")].map((one) => one.getBoundingClientRect());
    return boxes.slice(1).map((box, n) => Math.round(box.top - boxes[n].bottom));
  })()`);
  expect((gaps as number[]).filter(Boolean)).toEqual([]);
  await tab.keyboard.press("Home");
  expect(await focus(tab)).toBe(`row n${count}`);
});

test("a list that is scrolled stays where it is when rows come, and says how many there are above", async () => {
  await tab.evaluate("bell.shadowRoot.activeElement.blur()");
  await tab.evaluate("bell.shadowRoot.querySelector('.scroller').scrollTop = 300000");
  await tab.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  const before = await edge();
  await stage.notify(user, { title: "new 1" }, { title: "new 2" });
  await tab.getByRole("button", { name: "2 new notifications" }).waitFor();
  expect(await edge()).toEqual(before);
  expect(await badge(tab)).toBeNaN(); // 99+
  await tab.getByRole("button", { name: "2 new notifications" }).click();
  expect(await focus(tab)).toBe("row new 2");
});

test("the list is scrolled for 300 frames: the rows on the screen are those of its place", async () => {
  await tab.evaluate("bell.shadowRoot.activeElement.blur()");
  await tab.evaluate(startWatch);
  const { lengths, work } = (await tab.evaluate(scroll(300, 400))) as Scrolled;
  const { tasks } = (await tab.evaluate("stopWatch()")) as Watched;
  console.log(
    `client: inbox: 10,000 rows scrolled by 400 pixels a frame: frames ${figures(lengths)}; ` +
      `the list's own work in a frame ${figures(work)}; ${tasks.length} tasks over 50 ms`,
  );
  expect(await elements()).toBeLessThan(40);
  const [title] = await edge();
  const place = Number(title.slice(1));
  expect(place).toBeLessThan(count - 500);
});

test("hints by the thousand beside 5,000 rows are counted and shown, and what the user does is done", async () => {
  const hints = "u-hints";
  await fill(hints, 5_000);
  const other = await openAll(hints);
  await other.evaluate(`${startWatch} watch.times = [];
    signal.on("notification", () => watch.times.push(performance.now()))`);
  const began = performance.now();
  for (let n = 0; n < sent; await Bun.sleep(20)) {
    const due = Math.min(sent, Math.ceil(performance.now() - began));
    await stage.send(
      hints,
      Array.from({ length: due - n }, (_, k) => ({ title: `h${n + k + 1}` })),
    );
    n = due;
    await other.keyboard.press("ArrowDown");
  }
  await holds(other, `watch.times.length === ${sent}`, "all hints");
  const { tasks, inputs } = (await other.evaluate("stopWatch()")) as Watched;
  const ms = (await other.evaluate("watch.times.at(-1) - watch.times[0]")) as number;
  console.log(
    `client: inbox: ${sent} hints beside 5,000 rows, ${Math.round((sent / ms) * 1_000)} a second: ` +
      `${tasks.length} tasks over 50 ms (longest ${Math.round(Math.max(0, ...tasks))} ms), input waited at most ` +
      `${Math.round(Math.max(0, ...inputs))} ms`,
  );
  expect((await stage.counts(hints)).count).toBe(5_000 + sent);
  await holds(other, `signal.inbox.snapshot.unread === ${5_000 + sent}`, "the badge");
  expect((await focus(other)).startsWith("row ")).toBe(true);
  expect(await other.evaluate("toasts.shadowRoot.querySelectorAll('[part=toast]').length")).toBeLessThanOrEqual(3);
});
