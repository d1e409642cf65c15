// One socket for all tabs: the tab that holds a Web Lock has it, and passes on over a BroadcastChannel what arrives.
import type { Frame } from "./connection.js";
import { Timer } from "./timer.js";
import type { Clock, SignalStatus } from "./types.js";

export interface TabsOptions {
  clock: Clock;
  /** This tab has the lock now. */
  lead: () => void;
  /** Another tab has taken it. */
  yield: () => void;
  onFrame: (frame: Frame) => void;
  onStatus: (status: SignalStatus) => void;
  /** The rooms of all other tabs together. */
  onRooms: (rooms: string[]) => void;
  /** The app of another tab wants to come back after the server said to stay away. */
  onStart: () => void;
  status: () => SignalStatus;
  rooms: () => string[];
}

interface Message {
  frame?: Frame;
  status?: SignalStatus;
  rooms?: string[];
  tab?: string;
  hello?: true;
  start?: true;
}

/** A tab that the browser has frozen keeps its lock and answers nobody. */
const answerWithinMs = 2_000;

export class Tabs {
  leading = false;
  #name;
  #options: TabsOptions;
  #channel: BroadcastChannel;
  #tab = crypto.randomUUID();
  #rooms = new Map<string, string[]>();
  #release: (() => void) | undefined;
  #queued: AbortController | undefined;
  #unanswered: Timer;

  /** Web Locks need a page on `https://` or loopback, as WebCrypto does. */
  static get possible(): boolean {
    return typeof BroadcastChannel === "function" && !!globalThis.navigator?.locks;
  }

  /** `name`: the same for all tabs of this server and this user. */
  constructor(name: string, options: TabsOptions) {
    this.#name = name;
    this.#options = options;
    this.#unanswered = new Timer(options.clock);
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#queue();
    this.greet();
  }

  /** To all other tabs. */
  tell(message: Message): void {
    this.#channel.postMessage(message);
  }
  tellRooms(): void {
    this.tell({ rooms: this.#options.rooms(), tab: this.#tab });
  }

  /** Asks the tab that has the lock how it is, and takes the lock when there is no answer. */
  greet(): void {
    if (this.leading) return;
    this.#unanswered.set(answerWithinMs, () => this.#queue(true));
    this.tell({ hello: true });
    this.tellRooms();
  }

  stop(): void {
    this.#unanswered.clear();
    this.tell({ rooms: [], tab: this.#tab });
    this.#channel.close();
    this.#queued?.abort();
    this.#release?.();
  }

  #queue(steal?: true): void {
    this.#queued?.abort();
    const { signal } = (this.#queued = new AbortController());
    const lead = () => {
      if (signal.aborted) return;
      this.#unanswered.clear();
      this.leading = true;
      this.#options.lead();
      this.tell({ hello: true }); // who has rooms says so
      return new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    };
    // One that is taken from another comes at once, and knows no signal.
    navigator.locks
      .request(this.#name, steal ? { steal } : { signal }, lead)
      // A browser that forbids the data of sites forbids locks, too: each tab has a socket of its own.
      .catch(({ name }) => {
        if (name === "SecurityError") return void lead();
        if (!this.leading || signal.aborted) return;
        this.leading = false;
        this.#options.yield();
        this.#queue();
      });
  }

  #hear({ frame, status, rooms, tab, hello, start }: Message): void {
    const { leading } = this;
    const own = this.#options;
    if (rooms) this.#rooms.set(tab!, rooms);
    if (leading) {
      if (rooms) own.onRooms([...this.#rooms.values()].flat());
      if (hello) this.tell({ status: own.status() });
      if (start) own.onStart();
      return;
    }
    if (hello) this.tellRooms();
    if (frame) own.onFrame(frame);
    if (status) {
      this.#unanswered.clear();
      own.onStatus(status);
    }
  }
}
