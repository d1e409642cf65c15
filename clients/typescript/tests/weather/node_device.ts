// The device of this process: a client with a wall clock and a storage of its own.
import type { createSignal } from "../../packages/client/src/index";
import { Kept } from "../support/app";
import type { StorageState } from "./device";
import { LocalDevice } from "./local_device";
import { wrongDate } from "./wrong_date";

let bundle: Promise<string> | undefined;

/** The client with `Date` replaced: clients side by side have different clocks. */
async function clientWith(date: DateConstructor): Promise<typeof createSignal> {
  bundle ??= Bun.build({ entrypoints: [new URL("../../packages/client/src/index.ts", import.meta.url).pathname] }).then(
    async ({ outputs }) => (await outputs[0]!.text()).replace(/export \{[^}]*\};?\s*$/, ""),
  );
  return new Function("Date", `${await bundle}; return createSignal;`)(date);
}

export async function nodeDevice(token: (user: string) => Promise<string>): Promise<LocalDevice> {
  const kept = new Kept();
  let state: StorageState = "good";
  let wrongByMs = 0;
  return new LocalDevice({
    createSignal: await clientWith(wrongDate(() => wrongByMs)),
    token,
    storage: {
      getItem: (key) => {
        if (state === "forbidden") throw new Error("forbidden");
        return kept.getItem(key);
      },
      setItem: (key, value) => {
        if (state !== "good") throw new Error(state);
        kept.setItem(key, value);
      },
    },
    resume: (client) => client.wake(),
    setClock: (ms) => {
      wrongByMs = ms;
    },
    setStorage: (now) => {
      state = now;
    },
  });
}
