// Serves one page with the client in it, from addresses of the test's choice.
import type { SignalOptions } from "../../packages/client/src/types";

/** Classic, so that it also runs in a frame without an origin. */
const script = async () => {
  const built = await Bun.build({
    entrypoints: [new URL("../../packages/client/src/index.ts", import.meta.url).pathname],
    target: "browser",
  });
  return (await built.outputs[0]!.text()).replace(/export \{[^}]*\};?\s*$/, "");
};

/**
 * `/` has a client, `/frame` has it in a frame of an origin of its own, which browsers treat as a site that may keep
 * nothing. `more`: code of the page.
 */
export async function servePage(options: Pick<SignalOptions, "url" | "user">, tokenUrl: string, more = "") {
  const own = JSON.stringify({ ...options, tokenUrl });
  const code = `(() => {
${await script()}
const { tokenUrl, ...options } = ${own};
const body = JSON.stringify({ userId: options.user });
const token = async () => (await fetch(tokenUrl, { method: "POST", body })).text();
globalThis.told = { heard: [], errors: [], states: [] };
globalThis.signal = createSignal({ ...options, token });
signal.on("notification", ({ notification }) => told.heard.push(notification.title));
signal.on("error", ({ code, message }) => told.errors.push(code + ": " + message));
signal.on("status", ({ state }) => told.states.push(state));
globalThis.begin = () => signal.start();
${more}
})();`;
  const icon = '<link rel="icon" href="data:,">';
  const pages: Record<string, [string, string]> = {
    "/page.js": ["text/javascript", code],
    "/": ["text/html", `<!doctype html><title>page</title>${icon}<body><script src="/page.js"></script>`],
    "/frame": [
      "text/html",
      `<!doctype html><title>frame</title>${icon}<iframe sandbox="allow-scripts" src="/"></iframe>`,
    ],
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const [type, body] = pages[new URL(request.url).pathname] ?? ["text/plain", "no such page"];
      return new Response(body, { headers: { "content-type": type } });
    },
  });
  return { port: server.port!, end: () => server.stop(true) };
}
