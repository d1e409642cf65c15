// One notification in the list: an article with its buttons.
import type { Notification } from "@nx-signal/client";
import { button, h, icon, icons, say, set } from "./dom.js";
import type { Texts } from "./texts.js";
import type { Times } from "./times.js";

/** A button of the app in a row, or a link. */
export interface InboxAction {
  label: string;
  run?: (notification: Notification) => void;
  /** `http:` or `https:`, or relative to the page; others are left out. */
  href?: string;
}

/** How rows are shown; a new object after each change of it. */
export interface RowStyle {
  texts: Texts;
  times: Times;
  now: number;
  actions: ((notification: Notification) => InboxAction[]) | null;
}
/** What a row asks for. */
export interface RowOrders {
  select(notification: Notification): void;
  markRead(notification: Notification): void;
  markUnread(notification: Notification): void;
  archive(notification: Notification): void;
}

/** Data of a notification may be in it, so a `javascript:` may be, too. */
const isSafe = (href: string): boolean => {
  try {
    return /^https?:$/.test(new URL(href, document.baseURI).protocol);
  } catch {
    return false;
  }
};

export class Row {
  readonly element: HTMLElement;
  notification: Notification;
  #orders: RowOrders;
  #style: RowStyle | undefined;
  #unread = h("span", { class: "hidden" });
  #title = h("span", { dir: "auto" });
  #body;
  #time;
  #own = h("span", { class: "own" });
  #toggle = button({ part: "action" }, () => {
    const { readAt } = this.notification;
    this.#orders[readAt ? "markUnread" : "markRead"](this.notification);
  });
  #archive = button({ part: "action" }, () => this.#orders.archive(this.notification), icon(icons.archive));

  constructor(notification: Notification, orders: RowOrders) {
    this.notification = notification;
    this.#orders = orders;
    const { id } = notification;
    const select = () => orders.select(this.notification);
    const [title, body, time] = [`title-${id}`, `body-${id}`, `time-${id}`];
    this.#body = h("p", { part: "row-body", class: "body", dir: "auto", id: body });
    this.#time = h("time", { part: "row-time", id: time, click: select });
    this.element = h(
      "article",
      { "aria-labelledby": title, "aria-describedby": `${body} ${time}` },
      button({ part: "row-title", class: "title", id: title }, select, this.#unread, this.#title),
      this.#body,
      this.#time,
      h("div", { part: "row-actions", class: "actions" }, this.#own, this.#toggle, this.#archive),
    );
  }

  update(notification: Notification, style: RowStyle): void {
    if (notification === this.notification && style === this.#style) return;
    const { texts, times, now, actions } = style;
    const { title, body, readAt, occurredAt, createdAt } = notification;
    const time = occurredAt ?? createdAt;
    this.notification = notification;
    this.#style = style;
    set(this.element, "part", readAt ? "row" : "row unread");
    say(this.#unread, readAt ? "" : `${texts.unread}. `);
    say(this.#title, title);
    say(this.#body, body ?? "");
    this.#body.hidden = !body;
    say(this.#time, times.ago(time, now));
    set(this.#time, "datetime", time);
    set(this.#time, "title", times.whole(time));
    this.#name(this.#toggle, readAt ? texts.markUnread : texts.markRead);
    this.#toggle.replaceChildren(icon(readAt ? icons.unread : icons.read));
    this.#name(this.#archive, texts.archive);
    this.#own.replaceChildren(...(actions?.(notification) ?? []).flatMap((one) => this.#action(one)));
  }

  /** Its place, and whether Tab leads to it. */
  settle(top: number, n: number, size: number, isStop: boolean): void {
    this.element.style.top = `${top}px`;
    set(this.element, "aria-posinset", n + 1);
    set(this.element, "aria-setsize", size);
    const stop = isStop ? 0 : -1;
    if (this.element.tabIndex === stop && this.#toggle.tabIndex === stop) return;
    this.element.tabIndex = stop;
    for (const one of this.element.querySelectorAll<HTMLElement>("button, a")) one.tabIndex = stop;
  }

  #name(control: Element, text: string): void {
    set(control, "aria-label", text);
    set(control, "title", text);
  }

  #action({ label, run, href }: InboxAction): HTMLElement[] {
    const click = () => run?.(this.notification);
    const tabindex = this.#toggle.tabIndex;
    if (href === undefined) return [button({ part: "action", tabindex }, click, label)];
    return isSafe(href) ? [h("a", { part: "action", tabindex, href, click }, label)] : [];
  }
}
