// Every state of the elements in both themes and directions, on a phone and a desktop: axe finds nothing, nothing is
// wider than the screen, and a screenshot is kept in tests/output/inbox.
// CLIENT_INBOX_LOOKS=all: each combination of theme, direction and device; without it, four that have each pair.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "../../../../tests/system/support/chromium";
import { desktop, findings, holds, InboxStage, phone, picture, type Message } from "../support/inbox_page";

const all = process.env.CLIENT_INBOX_LOOKS === "all";
const looks = ["light", "dark"].flatMap((colorScheme) =>
  ["ltr", "rtl"].flatMap((dir) =>
    Object.entries({ desktop, phone }).map(([device, viewport]) => ({ colorScheme, dir, device, viewport })),
  ),
) as { colorScheme: "light" | "dark"; dir: "ltr" | "rtl"; device: string; viewport: typeof phone }[];
const wanted = looks.filter(
  (one) => all || (one.colorScheme === "dark") === ((one.dir === "rtl") === (one.device === "desktop")),
);

const messages: Message[] = [
  { title: "Stock is low", body: "Coffee beans: 2 kg are left." },
  {
    title: "A title that does not fit into one line ".repeat(5),
    body: "And a body that does not, either. ".repeat(12),
  },
  { title: "تم استلام الدفعة", body: "الطلب رقم ٤٢" },
  { title: "Thanh toán thành công", body: "Đơn hàng 42" },
  { title: "Payment received" },
];

let stage: InboxStage;
const tabs: { name: string; tab: Page }[] = [];
beforeAll(async () => {
  stage = await InboxStage.start();
});
afterAll(async () => {
  await stage.stop();
  expect(stage.complaints).toEqual([]);
});

/** Shows or hides the panel, and waits until it is so. */
async function open(tab: Page, isOpen = true) {
  await tab.evaluate(`bell.open = ${isOpen}`);
  await holds(tab, `(bell.shadowRoot.querySelector('dialog').clientHeight > 0) === ${isOpen}`, "the panel");
}
const rows = (tab: Page, count: number) =>
  holds(tab, `bell.shadowRoot.querySelectorAll('article').length === ${count}`, `${count} rows`);
const shows = (tab: Page, part: string) =>
  holds(tab, `bell.shadowRoot.querySelector('[part=${part}]').clientHeight > 0`, part);

/** One after the other on one page, each from the state before. */
const states: { [name: string]: (tab: Page, user: string) => Promise<unknown> } = {
  loading: (tab) => open(tab),
  empty: async (tab) => {
    await tab.evaluate("signal.start()");
    await shows(tab, "empty");
  },
  badge: async (tab, user) => {
    await open(tab, false);
    await tab.evaluate("toasts.remove()"); // they have a state of their own
    await stage.notify(user, ...messages);
    await holds(tab, `signal.inbox.snapshot.unread === ${messages.length}`, "the badge");
  },
  rows: async (tab) => {
    await tab.evaluate("bell.actions = () => [{ label: 'Open the sale', href: '/sale' }, { label: 'Print' }]");
    await open(tab);
    await rows(tab, messages.length);
    await tab.evaluate("signal.inbox.markRead(signal.inbox.snapshot.items[1].id)");
    await tab.keyboard.press("ArrowDown");
    await holds(tab, "bell.shadowRoot.querySelectorAll('[part=row]').length === 1", "a row that is read");
  },
  archived: async (tab) => {
    await tab.locator("signal-inbox [part=row-actions] > :last-child").first().click();
    await shows(tab, "result");
    await rows(tab, messages.length - 1);
  },
  disconnected: async (tab, user) => {
    await stage.disconnect(user);
    await shows(tab, "problem");
  },
  toasts: async (tab, user) => {
    await open(tab, false);
    await Bun.sleep(1_100); // a token of the second of the disconnect is refused
    await tab.evaluate("document.body.append(toasts); signal.start()");
    await holds(tab, "signal.status.state === 'live'", "the connection");
    await stage.notify(user, { title: "One" }, { title: "Two" }, ...messages.slice(0, 3));
    await holds(tab, "told.toasted.length >= 2", "the toasts");
    await holds(tab, "!toasts.shadowRoot.querySelector('[part=more]').hidden", "the number of the others");
  },
};

async function inOrder(tab: Page, name: string) {
  await picture(tab, name);
  expect(await findings(tab)).toEqual([]);
  const widths = (await tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")) as [number, number];
  expect(widths[0]).toBeLessThanOrEqual(widths[1]);
}

for (const { colorScheme, dir, device, viewport } of wanted) {
  const name = `${device}-${colorScheme}-${dir}`;
  let tab: Page;
  for (const [state, reach] of Object.entries(states))
    test(`${device}, ${colorScheme}, ${dir}: ${state}: axe finds nothing, and nothing is too wide`, async () => {
      const lang = dir === "rtl" ? "ar" : colorScheme === "dark" ? "vi" : "en";
      const options = { viewport, colorScheme, dir, lang, start: false, toasts: 'duration="0" max="2"' };
      if (state === "loading") tabs.push({ name, tab: (tab = await stage.open({ user: `u-${name}`, ...options })) });
      await reach(tab, `u-${name}`);
      await inOrder(tab, `${state}-${name}`);
    });
}

test("offline: after the end of the server each page says so, and axe finds nothing", async () => {
  stage.server.kill();
  for (const { tab, name } of tabs) {
    await tab.evaluate("toasts.remove()");
    await open(tab);
    await shows(tab, "problem");
    await inOrder(tab, `offline-${name}`);
  }
});
