// One notification over the page.
import type { Notification } from "@nx-signal/client";
import { button, h, icon, icons } from "./dom.js";
import type { Texts } from "./texts.js";

export interface ToastOrders {
  select(toast: Toast): void;
  close(toast: Toast): void;
}

export class Toast {
  readonly notification: Notification;
  readonly element: HTMLElement;
  /** Milliseconds that it is still shown. */
  left: number;

  constructor(notification: Notification, texts: Texts, duration: number, orders: ToastOrders) {
    const { title, body } = notification;
    this.notification = notification;
    this.left = duration;
    this.element = h(
      "div",
      { part: "toast", class: "toast" },
      button({ part: "toast-title", class: "title" }, () => orders.select(this), h("span", { dir: "auto" }, title)),
      button(
        { part: "toast-close", class: "round", "aria-label": `${texts.close}: ${title}`, title: texts.close },
        () => orders.close(this),
        icon(icons.close),
      ),
    );
    if (body) this.element.append(h("p", { part: "toast-body", class: "body", dir: "auto" }, body));
  }

  get hasFocus(): boolean {
    return this.element.matches(":focus-within");
  }
  focus(): void {
    this.element.querySelector("button")!.focus();
  }
}
