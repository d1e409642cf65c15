// A service that hears the notifications of one user, and prints each as one line of JSON.
import { readFile, rename, writeFile } from "node:fs/promises";
import { createSignal } from "@nx-signal/client";

const { SIGNAL_URL = "http://127.0.0.1:3000", SIGNAL_USER = "u-owner", POSITION_FILE = "position.json" } = process.env;
const { SIGNAL_TOKEN_URL = `${SIGNAL_URL}/dev/token` } = process.env;

/** A token of the identity service. */
async function token() {
  const answer = await fetch(SIGNAL_TOKEN_URL, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/plain", "x-signal-dev": "1" },
    body: JSON.stringify({ userId: SIGNAL_USER }),
  });
  if (!answer.ok) throw new Error(`${SIGNAL_TOKEN_URL} answered ${answer.status}`);
  return answer.text();
}

/** The positions of all users and servers, in one file. */
async function positions() {
  try {
    return JSON.parse(await readFile(POSITION_FILE, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw error;
  }
}
const storage = {
  getItem: async (key) => (await positions())[key] ?? null,
  async setItem(key, value) {
    // The handler below runs before the position is stored: once there is one, a crash repeats a notification and
    // loses none.
    await new Promise((resolve) => setImmediate(resolve));
    const text = JSON.stringify({ ...(await positions()), [key]: value });
    await writeFile(`${POSITION_FILE}.new`, text);
    await rename(`${POSITION_FILE}.new`, POSITION_FILE);
  },
};

const signal = createSignal({ url: SIGNAL_URL, user: SIGNAL_USER, token, storage });

signal.on("notification", ({ notification: { id, seq, type, title }, live }) => {
  console.log(JSON.stringify({ id, seq, type, title, live }));
});
signal.on("error", ({ code, message }) => console.error(`${code}: ${message}`));
signal.on("status", ({ state, closed }) => {
  console.error(`status: ${state}${closed ? ` after ${closed.code} ${closed.reason}` : ""}`);
  // The server said to stay away, e.g. because an operator disconnected this user: a person must look.
  if (state === "stopped" && !stopping) end(1);
});

// With nothing left to wait for, the process ends by itself.
let stopping = false;
function end(code) {
  stopping = true;
  process.exitCode = code;
  signal.stop();
}
for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => end(0));

signal.start();
