// In the page of a browser: the device, driven over a WebSocket by the process that tests (page_device.ts).
import { createSignal } from "../../packages/client/src/index";
import type { StorageState } from "./device";
import { LocalDevice } from "./local_device";
import { wrongDate } from "./wrong_date";

const control = new WebSocket(`ws://${location.host}/control`);
const asked = new Map<number, { resolve: (token: string) => void; reject: (error: Error) => void }>();
const say = (message: object) => control.send(JSON.stringify(message));

let wrongByMs = 0;
globalThis.Date = wrongDate(() => wrongByMs);

const filling = "filling ";
const own = Object.getOwnPropertyDescriptor(globalThis, "localStorage")!;
const { getItem, setItem } = Storage.prototype;

/** Writes until the browser refuses: large pieces at first, at last a byte. */
function fill() {
  localStorage.clear(); // in the place of a position that is there, another one of its length would fit
  for (let size = 1 << 20, n = 0; size >= 1; ) {
    try {
      localStorage.setItem(`${filling}${n}`, "x".repeat(size));
      ++n;
    } catch {
      size >>= 1;
    }
  }
}
function setStorage(state: StorageState) {
  Object.defineProperty(globalThis, "localStorage", own);
  Object.assign(Storage.prototype, { getItem, setItem });
  for (const key of Object.keys(localStorage)) if (key.startsWith(filling)) localStorage.removeItem(key);
  if (state === "full") fill();
  if (state !== "forbidden") return;
  const refuse = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };
  Object.assign(Storage.prototype, { getItem: refuse, setItem: refuse });
  Object.defineProperty(globalThis, "localStorage", { get: refuse, configurable: true });
}

let asking = 0;
const device = new LocalDevice({
  createSignal,
  storage: undefined,
  token: (user) =>
    new Promise((resolve, reject) => {
      asked.set(++asking, { resolve, reject });
      say({ ask: asking, user });
    }),
  resume: () => dispatchEvent(new Event("online")),
  setClock: (ms) => {
    wrongByMs = ms;
  },
  setStorage,
});

control.onmessage = async ({ data }) => {
  const { call, method, given, answer, token, reload } = JSON.parse(data);
  if (reload) return location.reload();
  if (answer) {
    const one = asked.get(answer)!;
    asked.delete(answer);
    return token ? one.resolve(token) : one.reject(new Error("the identity service is away"));
  }
  try {
    say({ call, result: await (device as any)[method](...given) });
  } catch (error) {
    say({ call, error: String(error) });
  }
};
