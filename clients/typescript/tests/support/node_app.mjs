// An app on Node with the package as it is published: says when it is live and what it hears, one JSON line each.
// node node_app.mjs URL USER TOKEN
import { createSignal } from "@nx-signal/client";

const [url, user, token] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const signal = createSignal({ url, user, token: () => token });
signal.on("status", ({ state }) => say({ state }));
signal.on("error", ({ code, message }) => say({ error: `${code}: ${message}` }));
signal.on("notification", ({ notification: { title }, live }) => say({ title, live }));
signal.start();
process.stdin.resume().on("end", () => signal.stop()); // with nothing left to wait for, the process ends
