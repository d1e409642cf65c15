// What both elements have in common: the client, texts, language, and one rendering in each animation frame.
import type { InboxSnapshot, Notification, Signal } from "@nx-signal/client";
import { textsOf, localeOf, type OwnTexts, type Texts } from "./texts.js";
import { timesIn, type Times } from "./times.js";

/** On a server there is no DOM: the classes are there, and are never made. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

const sheets = new Map<string, CSSStyleSheet>();
/** A style sheet that all elements share, and that a Content-Security-Policy without inline styles lets pass. */
function sheetOf(css: string): CSSStyleSheet {
  const sheet = sheets.get(css) ?? new CSSStyleSheet();
  if (!sheets.has(css)) sheet.replaceSync(css);
  sheets.set(css, sheet);
  return sheet;
}

export const emptySnapshot: InboxSnapshot = { items: [], unread: 0, hasMore: false, ready: false };

export abstract class SignalElement extends Base {
  /** @internal */
  protected readonly root: ShadowRoot;
  #signal: Signal<any> | null = null;
  #offs: (() => void)[] = [];
  #texts: OwnTexts = {};
  #frame = 0;
  #language: { locale: string; texts: Texts; times: Times } | undefined;

  /** @internal */
  constructor(css: string) {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [sheetOf(css)];
  }

  /** The client of the user; its start and its end are the app's. */
  get signal(): Signal<any> | null {
    return this.#signal;
  }
  set signal(signal: Signal<any> | null | undefined) {
    this.#unfollow();
    this.#signal = signal ?? null;
    if (this.isConnected) this.#follow();
  }

  /** Texts in place of those of the language. */
  get texts(): OwnTexts {
    return this.#texts;
  }
  set texts(texts: OwnTexts | null | undefined) {
    this.#texts = texts ?? {};
    this.#language = undefined;
    this.schedule();
  }

  connectedCallback(): void {
    // What was set before the element was defined lies over the accessors.
    for (const name of ["signal", "texts", "actions", "open"] as (keyof this)[]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    this.#follow();
  }
  disconnectedCallback(): void {
    this.#unfollow();
  }

  /** Listens to the client; what is returned is called in the end. @internal */
  protected abstract follow(signal: Signal<any>): (() => void)[];
  /** @internal */
  protected abstract render(): void;

  /** Renders in the next animation frame, once, however often it is called before. @internal */
  protected schedule(): void {
    if (!this.isConnected) return;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.render();
    });
  }

  /** Texts and times of the language that is valid here now. @internal */
  protected get language(): { texts: Texts; times: Times } {
    const locale = localeOf(this);
    if (this.#language?.locale !== locale)
      this.#language = { locale, texts: textsOf(locale, this.#texts), times: timesIn(locale) };
    return this.#language;
  }

  /** True when the app has not taken it over. @internal */
  protected tell(name: string, detail: unknown): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  /** The user has chosen a notification: true when it is to be marked as read. @internal */
  protected choose(notification: Notification): boolean {
    return this.tell("signal-select", notification) && !notification.readAt;
  }

  #follow(): void {
    this.#unfollow();
    if (this.#signal) this.#offs = this.follow(this.#signal);
    this.schedule();
  }
  #unfollow(): void {
    for (const off of this.#offs.splice(0)) off();
  }
}
