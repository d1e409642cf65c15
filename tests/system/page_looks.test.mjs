// What makes the page of `nx-signal dev` usable: contrast, size, keyboard, themes. Screenshots are kept in
// tests/output/page/.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { lowContrast } from "./support/contrast.mjs";
import {
  badges,
  complaints,
  desktop,
  harbourCashier,
  harbourManager,
  open,
  outsider,
  output,
  owner,
  payByForm,
  phone,
  until,
} from "./support/page_stage.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A page with a payment on it. */
async function paid(device, viewport, colorScheme) {
  const page = await open([owner, harbourCashier, outsider], { viewport, colorScheme });
  await page.screenshot({ path: join(output, `${device}-${colorScheme}-before.png`), fullPage: true });
  // The toasts stay.
  await page.locator("signal-toasts").evaluateAll((all) => all.forEach((one) => one.setAttribute("duration", "0")));
  await payByForm(page, { scope: "harbour", except: harbourManager });
  await page.getByTestId("result").getByText("The Kafka message").click();
  await page.locator("signal-toasts [part=toast]").first().waitFor();
  await page.waitForTimeout(400); // the toast's entrance has an opacity of its own
  await page.screenshot({ path: join(output, `${device}-${colorScheme}-after.png`), fullPage: true });
  return page;
}

for (const [device, viewport] of Object.entries({ desktop, phone })) {
  for (const colorScheme of ["light", "dark"]) {
    const on = (what) => `on a ${device} in ${colorScheme} ${what}`;
    let opened; // by the first of these tests
    const looked = async () => (opened ??= paid(device, viewport, colorScheme));

    test(on("the page has the theme of the system"), async () => {
      const page = await looked();
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), colorScheme);
    });

    test(on("nothing is wider than the screen"), async () => {
      const page = await looked();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no horizontal scroll");
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll("signal-inbox, signal-toasts")]
          .flatMap(({ shadowRoot }) => [...shadowRoot.querySelectorAll("*")])
          .concat(...document.body.querySelectorAll("*:not(.skip)"))
          .filter((one) => one.getClientRects().length > 0 && one.getBoundingClientRect().right > innerWidth + 1)
          .map((one) => one.outerHTML.slice(0, 80)),
      );
      assert.deepEqual(wide, []);
    });

    test(on("toasts cover nothing of an inbox"), async () => {
      const page = await looked();
      const gaps = await page
        .locator("signal-toasts")
        .evaluateAll((all) =>
          all
            .filter(({ shadowRoot }) => shadowRoot.querySelector("[part=toast]"))
            .map((one) => one.getBoundingClientRect().top - one.previousElementSibling.getBoundingClientRect().bottom),
        );
      assert.equal(gaps.length, 2); // the owner and the cashier have one
      assert.ok(
        gaps.every((gap) => gap >= 0),
        gaps.join(", "),
      );
    });

    test(on("every text has contrast"), async () => {
      const page = await looked();
      assert.deepEqual(await page.evaluate(lowContrast, 4.5), []);
    });

    test(on("axe finds nothing serious"), async () => {
      const page = await looked();
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
      const said = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
      assert.deepEqual(said, []);
    });
  }
}

/** Where Tab leads, from the first stop until the page is left. */
async function walk() {
  const page = await open([owner, harbourCashier, outsider]);
  const stops = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      let at = document.activeElement;
      if (!at || at === document.body) return null;
      while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      return {
        name: at.dataset.testid ?? at.getAttribute("part") ?? at.id ?? at.className,
        html: at.outerHTML.slice(0, 90),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      };
    });
    if (!stop || stops.length > 400) break;
    stops.push(stop);
  }
  await page.context().close();
  assert.ok(stops.length < 400, "the walk ends");
  return stops;
}
let walked;
const stops = async () => (walked ??= walk());

test("each stop of the keyboard is on the screen and outlined", async () => {
  const hidden = (await stops()).filter(({ outlined, onScreen }) => !outlined || !onScreen);
  assert.deepEqual(hidden, []);
});

test("everything that a pointer can use is a stop of the keyboard", async () => {
  const names = new Set((await stops()).map(({ name }) => name));
  const wanted =
    "theme amount scope-harbour exclude pay choose-0 mark-all-read row-title action line-2 frame wire-raw " +
    "wire-opened copy-listen line-curl";
  for (const name of wanted.split(" ")) assert.ok(names.has(name), `${name} is a stop; stops: ${[...names].join(" ")}`);
});

test("Enter in the amount pays", async () => {
  const page = await open([owner, harbourCashier, outsider]);
  const [count] = await badges(page);
  await page.getByTestId("amount").focus();
  await page.keyboard.press("Enter");
  await until(async () => (await badges(page))[0] === count + 1, "the badge after Enter");
  await page.context().close();
});

test("a theme that was switched is there after a reload", async () => {
  const page = await open([owner, harbourCashier, outsider], { colorScheme: "light" });
  await page.getByTestId("theme").click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.equal(await page.getByTestId("theme").getAttribute("aria-pressed"), "true");
  await page.context().close();
});

test("the page says above the fold of a phone that it is not for production", async () => {
  const page = await open([owner, harbourCashier, outsider], { viewport: phone });
  assert.match(await page.getByTestId("warning").textContent(), /Not for production/);
  assert.ok(
    await page.getByTestId("warning").evaluate((one) => one.getBoundingClientRect().bottom < innerHeight),
    "above the fold of a phone",
  );
  await page.context().close();
});

test("no page has asked another origin for anything, and no console had a complaint", () => {
  assert.deepEqual(complaints, []);
});
