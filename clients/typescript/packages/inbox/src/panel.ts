// The panel of the inbox: a `dialog` with a header, what is wrong, the list, and the result of the last change.
import { button, h, icon, icons, say, set } from "./dom.js";
import { List, type ListOrders } from "./list.js";
import type { InboxSnapshot } from "@nx-signal/client";
import type { RowOrders, RowStyle } from "./row.js";
import type { Trouble } from "./trouble.js";

export interface PanelOrders extends RowOrders {
  markAllRead(): void;
  loadMore(): void;
  close(): void;
  remedy(): void;
  undo(): void;
}
export interface PanelState {
  snapshot: InboxSnapshot;
  style: RowStyle;
  trouble: Trouble | undefined;
  /** A page is under way. */
  loading: boolean;
  /** The last page failed: the next one is loaded only when the user asks for it. */
  isHalted: boolean;
  result: string;
  /** The result can be undone. */
  isUndoable: boolean;
}

export class Panel {
  readonly element: HTMLDialogElement;
  readonly list: List;
  #state: PanelState | undefined;
  #title = h("h2", { id: "title", part: "title", dir: "auto" });
  #allRead: HTMLButtonElement;
  #close: HTMLButtonElement;
  #problem = h("p", { dir: "auto" });
  #remedy: HTMLButtonElement;
  #bar: HTMLElement;
  #above: HTMLButtonElement;
  #nothing = h("span", { dir: "auto" });
  #waiting = h("div", { class: "waiting" });
  #empty = h("div", { part: "empty", class: "empty" });
  #more: HTMLButtonElement;
  #result = h("span", { dir: "auto" });
  #undo: HTMLButtonElement;
  #outcome: HTMLElement;

  constructor(orders: PanelOrders) {
    this.#allRead = button({ part: "mark-all-read", class: "plain" }, () => orders.markAllRead());
    this.#close = button({ part: "close", class: "round" }, () => orders.close(), icon(icons.close));
    this.#remedy = button({ class: "plain" }, () => orders.remedy());
    this.#bar = h("div", { part: "problem", class: "problem" }, this.#problem, this.#remedy);
    this.#above = button({ class: "above", dir: "auto" }, () => {
      this.list.toTop();
      this.list.focusFirst();
    });
    this.#more = button({ part: "load-more", class: "plain more" }, () => orders.loadMore());
    this.#empty.append(h("slot", { name: "empty" }, this.#nothing));
    for (let n = 0; n < 4; ++n) this.#waiting.append(h("div", { class: "bone" }));
    this.list = new List(this.#listOrders(orders), this.#waiting, this.#empty, this.#more);
    set(this.list.feed, "aria-labelledby", "title");
    this.#undo = button({ class: "plain" }, () => orders.undo());
    this.#outcome = h("div", { part: "result", class: "result" }, this.#result, this.#undo);
    this.element = h(
      "dialog",
      {
        part: "panel",
        class: "panel",
        tabindex: -1,
        popover: "manual",
        "aria-labelledby": "title",
        keydown: (event: KeyboardEvent) => this.#key(event),
      },
      h("div", { part: "header", class: "header" }, this.#title, this.#allRead, this.#close),
      h("div", { role: "status" }, this.#bar),
      h("div", { class: "stack" }, this.#above, this.list.element),
      h("div", { role: "status" }, this.#outcome),
      h("slot", { name: "footer" }),
    );
  }

  update(state: PanelState): void {
    this.#state = state;
    const { snapshot, style, trouble, loading, result, isUndoable } = state;
    const { texts } = style;
    const { items, unread, hasMore, ready } = snapshot;
    const isEmpty = ready && items.length === 0;
    say(this.#title, texts.title);
    say(this.#allRead, texts.markAllRead);
    set(this.#allRead, "aria-disabled", unread ? null : "true");
    for (const name of ["aria-label", "title"]) set(this.#close, name, texts.close);
    this.#bar.hidden = !trouble;
    say(this.#problem, trouble ? texts.problems[trouble.problem] : "");
    this.#remedy.hidden = !trouble?.remedy;
    say(this.#remedy, trouble?.remedy === "start" ? texts.connectAgain : texts.tryAgain);
    this.#waiting.hidden = ready || items.length > 0 || !!trouble;
    this.#empty.hidden = !isEmpty;
    say(this.#nothing, texts.empty);
    this.#more.hidden = !hasMore;
    say(this.#more, loading ? texts.loading : texts.loadMore);
    set(this.#more, "aria-disabled", loading ? "true" : null);
    set(this.list.feed, "aria-busy", loading ? "true" : null);
    set(this.list.element, "aria-busy", ready || trouble ? null : "true");
    this.#outcome.hidden = !result;
    say(this.#result, result);
    this.#undo.hidden = !isUndoable;
    say(this.#undo, texts.undo);
    this.list.update(items, hasMore, style);
  }

  /** From the panel itself, which has the focus when it opens, an arrow leads into the list. */
  #key(event: KeyboardEvent): void {
    if (event.target !== this.element || event.key !== "ArrowDown") return;
    event.preventDefault();
    this.list.focusFirst();
  }

  #listOrders(orders: PanelOrders): ListOrders {
    return {
      select: (row) => orders.select(row),
      markRead: (row) => orders.markRead(row),
      markUnread: (row) => orders.markUnread(row),
      archive: (row) => orders.archive(row),
      nearEnd: () => {
        if (!this.#state?.loading && !this.#state?.isHalted) orders.loadMore();
      },
      focusLost: () => this.element.focus(),
      leave: (forward) => {
        const target = !forward ? this.#allRead : this.#more.hidden ? this.#close : this.#more;
        target.focus();
      },
      above: (count) => {
        this.#above.hidden = !count;
        if (count) say(this.#above, this.#state!.style.texts.added(count));
      },
    };
  }
}
