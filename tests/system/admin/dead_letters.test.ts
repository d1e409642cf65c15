// The operators' page in headless Chromium: a message that can never be handled is looked at, repaired and sent again.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../harness/patience";
import { Stage, type Page } from "./page_stage";

const hostile = "<img src=x onerror=\"document.title='taken'\">";
const message = (title: string, recipientScope = "users") =>
  JSON.stringify({ recipientScope, recipientIds: ["u1"], type: "t", title, data: { n: 1 } });

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.end());

async function poison(value: string | Buffer): Promise<void> {
  const before = await letters();
  await stage.scene.producer.send({ topic: stage.scene.place.topic, messages: [{ value, partition: 0, key: "o1" }] });
  await eventually(async () => (await letters()) === before + 1, 30_000, "the dead letter");
}
const letters = async () => {
  const metrics = await Promise.all(stage.scene.instances.map((one) => one.metrics()));
  return metrics.reduce((sum, one) => sum + one.sum("signal_dead_letters_total", { outcome: "sent" }), 0);
};
const rows = async (title: string) =>
  (await stage.scene.database.query(`SELECT 1 FROM signal."ActivityNotification" WHERE title = $1`, [title])).length;
const letter = (page: Page, said: string) => page.getByTestId("letter").filter({ hasText: said });

test("without a dead letter the page says that there is none", async () => {
  const page = await stage.enter({}, "dead-letters");
  await page.getByTestId("letters-note").getByText("There are no dead letters.").waitFor();
});

test("a dead letter is shown with its reason, repaired, and sent again once the operator agrees", async () => {
  await poison(message(`Repaired ${hostile}`, "planet"));
  const page = await stage.enter({}, "dead-letters");
  const one = letter(page, "planet");
  await one.waitFor();
  const value = one.getByTestId("letter-value");
  expect(await value.inputValue()).toBe(message(`Repaired ${hostile}`, "planet"));
  expect(await one.textContent()).toContain(stage.scene.place.topic);
  await value.fill(message(`Repaired ${hostile}`));
  await one.getByTestId("letter-send").click();
  await page.keyboard.press("Escape");
  await page.getByTestId("confirm").waitFor({ state: "hidden" });
  expect(await rows(`Repaired ${hostile}`)).toBe(0);
  await one.getByTestId("letter-send").click();
  await page.getByTestId("confirm-yes").click();
  await one.getByTestId("letter-result").getByText(`Sent again: ${stage.scene.place.topic}, partition 0`).waitFor();
  await eventually(async () => (await rows(`Repaired ${hostile}`)) === 1, 30_000, "the row");
  expect(await page.title()).toBe("Signal, operators");
  expect(await page.locator("main img").count()).toBe(0);
});

test("a repair that cannot be handled either is refused beside the letter", () =>
  stage.quietly(/422/, async () => {
    await poison(message("Refused", "moon"));
    const page = await stage.enter({}, "dead-letters");
    const one = letter(page, "moon");
    await one.getByTestId("letter-value").fill(message("Refused", "mars"));
    await one.getByTestId("letter-send").click();
    await page.getByTestId("confirm-yes").click();
    await one.getByTestId("letter-problem").getByText("mars").waitFor();
    expect(await rows("Refused")).toBe(0);
  }));

test("a value that is not UTF-8 is shown with a remark", async () => {
  await poison(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
  const page = await stage.enter({}, "dead-letters");
  await letter(page, "The value is not UTF-8").waitFor();
});

test("no page asked another origin for anything, and no console had a complaint", () => {
  expect(stage.complaints).toEqual([]);
});
