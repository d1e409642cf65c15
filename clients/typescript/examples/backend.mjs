// The backend of the browser examples: it serves the files of one of them, and gives its pages tokens of the identity
// service for the person who is signed in. Here that is whom SIGNAL_USER names; a backend of your own knows it from its
// session.   node backend.mjs till
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const { SIGNAL_URL = "http://127.0.0.1:3000", SIGNAL_USER = "u-harbour-cashier", PORT = "8080" } = process.env;
const { SIGNAL_TOKEN_URL = `${SIGNAL_URL}/dev/token`, MERCHANT = "harbour" } = process.env;
const config = { url: SIGNAL_URL, user: SIGNAL_USER, merchant: MERCHANT };
const here = fileURLToPath(new URL(".", import.meta.url));
const folder = join(here, process.argv[2] ?? "till");
const client = join(here, "../packages/client/dist");
const types = { ".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css" };

async function token() {
  const answer = await fetch(SIGNAL_TOKEN_URL, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/plain", "x-signal-dev": "1" },
    body: JSON.stringify({ userId: SIGNAL_USER }),
  });
  if (!answer.ok) throw new Error(`${SIGNAL_TOKEN_URL} answered ${answer.status}`);
  return answer.text();
}

/** Status, type and body of the answer to a path. */
async function answerTo(path) {
  if (path === "/token") return [200, "text/plain", await token()];
  if (path === "/config") return [200, "application/json", JSON.stringify(config)];
  const file = path === "/" ? "/index.html" : path;
  const type = types[extname(file)];
  // `new URL` has resolved each `..`: nothing outside of the folders has such a path.
  if (type && file.startsWith("/client/")) return [200, type, await readFile(join(client, file.slice(8)))];
  if (type) return [200, type, await readFile(join(folder, file))];
  return [404, "text/plain", "no such page"];
}

const server = createServer(async (request, response) => {
  let [status, type, body] = [500, "text/plain", ""];
  try {
    [status, type, body] = await answerTo(new URL(request.url, "http://localhost").pathname);
  } catch (error) {
    if (error.code === "ENOENT") [status, body] = [404, "no such page"];
    else [status, body] = [502, String(error.message)];
  }
  response.writeHead(status, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" });
  response.end(body);
});
server.listen(Number(PORT), "127.0.0.1", () => console.log(`open http://127.0.0.1:${server.address().port}/`));
for (const name of ["SIGINT", "SIGTERM"])
  process.once(name, () => {
    server.close();
    server.closeAllConnections();
  });
