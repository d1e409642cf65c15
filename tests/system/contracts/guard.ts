// Loaded before every test file: the HTTP client of all tests.
import { afterAll, afterEach } from "bun:test";
import { breaches, checkAnswer } from "./answers";

const original = globalThis.fetch;
globalThis.fetch = Object.assign(async (input: string | URL | Request, init?: RequestInit) => {
  const response = await original(input as never, init);
  const url = new URL(input instanceof Request ? input.url : String(input));
  await checkAnswer(init?.method ?? (input instanceof Request ? input.method : "GET"), url, response.clone());
  return response;
}, original) as typeof fetch;

/** Whatever a test did with the error of a breach, the test has failed; and so has the file for what came between
 *  tests. */
function fail() {
  const found = breaches.splice(0);
  if (found.length > 0)
    throw new Error(`${found.length} breaches of the contracts, the first:\n${found.slice(0, 5).join("\n")}`);
}
afterEach(fail);
afterAll(fail);
