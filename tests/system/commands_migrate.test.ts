// `nx-signal migrate` on SQLite.
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "./support/command";

const folder = mkdtempSync(join(tmpdir(), "signal-migrate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const migrate = (path: string) => command(["migrate", "--database-url", `sqlite:${path}`]);

test("migrate makes the tables and says so", async () => {
  const { code, out, err } = await migrate(`${folder}/new.sqlite`);
  expect(code).toBe(0);
  expect(out + err).not.toBe("");
});

test("migrate of tables that are there ends with 0", async () => {
  await migrate(`${folder}/twice.sqlite`);
  expect((await migrate(`${folder}/twice.sqlite`)).code).toBe(0);
});

test("six migrations of one file at once all end with 0", async () => {
  const many = await Promise.all(Array.from({ length: 6 }, () => migrate(`${folder}/six.sqlite`)));
  expect(many.map((one) => one.code)).toEqual(Array(6).fill(0));
});

test("migrate in a folder that is not there ends with 1 and names it", async () => {
  const { code, err } = await migrate("/no/such/folder/x.sqlite");
  expect(code).toBe(1);
  expect(err).toContain("/no/such/folder");
});
