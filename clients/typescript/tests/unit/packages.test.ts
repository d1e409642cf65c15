// What is published: it builds, is small, and its types are what the tests of the types say.
import { expect, test } from "bun:test";
import { resolve } from "node:path";

const root = resolve(import.meta.dir, "../../../..");

test("the packages build within their size, and publint, attw and the tests of the types find nothing", async () => {
  const child = Bun.spawn([`${root}/script/client`, "check"], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, error, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  for (const line of out.split("\n")) if (line.startsWith("client: size")) console.log(line);
  expect({ code, said: code === 0 ? "" : out + error }).toEqual({ code: 0, said: "" });
}, 600_000);
