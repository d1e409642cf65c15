// `<signal-toasts>`: shows each new notification for some seconds, in one tab of the browser.
import type { Notification, Signal } from "@nx-signal/client";
import { Arrivals } from "./arrivals.js";
import { isPermitted, notify, requestPermission, sound } from "./attention.js";
import { Claims } from "./claims.js";
import { h, say, set } from "./dom.js";
import { SignalElement } from "./element.js";
import { Toast, type ToastOrders } from "./toast.js";
import { toastsCss } from "./toasts_css.js";

/** Milliseconds until a tab claims what has arrived: the one in which the user works is first. */
const delays = { focused: 100, visible: 250, hidden: 600 };
const tickMs = 250;

export class SignalToasts extends SignalElement {
  static readonly observedAttributes = ["lang"];
  #more = h("div", { part: "more", class: "more", dir: "auto" });
  #stack = h("section", { keydown: (event) => this.#key(event) }, this.#more);
  #spoken = h("div", { role: "status", class: "hidden" });
  #toasts: Toast[] = []; // the oldest first
  #uncounted = 0; // notifications that have no toast, only a number
  #clock: ReturnType<typeof setInterval> | undefined;
  #before: HTMLElement | null = null; // had the focus before a toast
  #orders: ToastOrders = {
    select: (toast) => {
      this.#select(toast.notification);
      this.#remove(toast);
    },
    close: (toast) => this.#remove(toast),
  };

  constructor() {
    super(toastsCss);
    this.root.append(this.#stack, this.#spoken);
    this.addEventListener("focusin", ({ relatedTarget }) => {
      this.#before = (relatedTarget as HTMLElement | null) ?? this.#before;
    });
  }

  attributeChangedCallback(): void {
    this.schedule();
  }

  /** Asks the user for the permission that `system` needs; call it from a click. */
  requestPermission(): Promise<NotificationPermission | "unsupported"> {
    return requestPermission();
  }

  protected follow(signal: Signal<any>): (() => void)[] {
    const claims = new Claims(signal.name, () => signal.leading);
    const ends = new AbortController();
    const arrivals = new Arrivals({
      delay: () => this.#delay(signal),
      claim: (ids) => claims.claim(ids),
      show: (notifications) => {
        if (!ends.signal.aborted) this.#show(notifications);
      },
    });
    const look = () => arrivals.look();
    document.addEventListener("visibilitychange", look, ends);
    addEventListener("focus", look, ends);
    return [
      signal.on("notification", ({ notification }) => {
        if (!notification.readAt) arrivals.add(notification);
      }),
      () => {
        ends.abort();
        arrivals.end();
        void claims.end();
        for (const toast of this.#toasts.splice(0)) toast.element.remove();
        this.#settle();
      },
    ];
  }

  protected render(): void {
    const { texts } = this.language;
    set(this.#stack, "role", this.#toasts.length ? "region" : null);
    set(this.#stack, "aria-label", this.#toasts.length ? texts.title : null);
    this.#more.hidden = !this.#uncounted;
    say(this.#more, texts.more(this.#uncounted));
  }

  /** A hidden tab waits until it is looked at, unless the system can show something for it. */
  #delay(signal: Signal<any>): number | undefined {
    if (document.visibilityState === "visible") return document.hasFocus() ? delays.focused : delays.visible;
    return this.hasAttribute("system") && isPermitted() && signal.leading ? delays.hidden : undefined;
  }

  #number(name: string, otherwise: number): number {
    const said = Number.parseFloat(this.getAttribute(name) ?? "");
    return said >= 0 ? said : otherwise;
  }

  #show(notifications: Notification[]): void {
    const { texts } = this.language;
    const most = Math.max(1, Math.floor(this.#number("max", 3)));
    const newest = notifications.slice(-most);
    const others = notifications.length - newest.length;
    const file = this.getAttribute("sound");
    if (file !== null) sound(file);
    if (document.visibilityState !== "visible" && this.#notify(newest, others)) return;
    this.#uncounted += others;
    for (const notification of newest) this.#add(notification, most);
    const titles = newest.map(({ title, body }) => (body ? `${title}. ${body}` : title));
    // A new element, so that the same words are spoken again for the next notification.
    this.#spoken.replaceChildren(h("p", {}, [...titles, ...(others ? [texts.more(others)] : [])].join(". ")));
    this.#settle();
  }

  /** False when the system shows none of it. */
  #notify(newest: Notification[], others: number): boolean {
    const shown = newest.filter((one) => notify(one, () => this.#select(one)));
    const { texts } = this.language;
    if (shown.length && others) notify({ id: "more", title: texts.more(others), body: null }, () => undefined);
    return shown.length > 0;
  }

  #add(notification: Notification, most: number): void {
    if (this.#toasts.length >= most) {
      ++this.#uncounted;
      // A user who is on a toast keeps it.
      if (this.#isHeld()) return;
      this.#toasts.shift()!.element.remove();
    }
    const duration = this.#number("duration", 8_000) || Infinity;
    const toast = new Toast(notification, this.language.texts, duration, this.#orders);
    this.#toasts.push(toast);
    this.#stack.append(toast.element);
  }

  #select(notification: Notification): void {
    if (!this.choose(notification)) return;
    // The client tells a failure as its event `error`, and the row stays unread.
    this.signal?.inbox.markRead(notification.id).catch(() => undefined);
  }

  #remove(toast: Toast): void {
    const { hasFocus } = toast;
    const n = this.#toasts.indexOf(toast);
    if (n >= 0) this.#toasts.splice(n, 1);
    const next = this.#toasts[Math.min(n, this.#toasts.length - 1)];
    if (hasFocus && next) next.focus();
    else if (hasFocus) this.#before?.focus();
    toast.element.remove();
    this.#settle();
  }

  /** Time passes while there are toasts. */
  #settle(): void {
    if (this.#toasts.length === 0) {
      clearInterval(this.#clock);
      this.#clock = undefined;
      this.#uncounted = 0;
      this.#before = null;
      say(this.#spoken, "");
    } else this.#clock ??= setInterval(() => this.#tick(), tickMs);
    this.schedule();
  }

  #isHeld(): boolean {
    return this.#stack.matches(":hover, :focus-within");
  }
  #tick(): void {
    if (document.visibilityState !== "visible" || this.#isHeld()) return;
    for (const toast of [...this.#toasts]) if ((toast.left -= tickMs) <= 0) this.#remove(toast);
  }

  #key(event: KeyboardEvent): void {
    const toast = this.#toasts.find(({ hasFocus }) => hasFocus);
    if (event.key !== "Escape" || !toast) return;
    event.preventDefault();
    event.stopPropagation();
    this.#remove(toast);
  }
}
