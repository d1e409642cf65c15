// The panel of the inbox: a header, what is wrong, the list, and the result of the last change. It is in a `dialog`, or
// a region of the page.
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
  /** Of the bell, with the count; the name of a region. */
  name: string;
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
  readonly dialog: HTMLDialogElement;
  readonly list: List;
  #state: PanelState | undefined;
  #isInline = false;
  #badge: HTMLElement;
  #header: HTMLElement;
  #content: HTMLElement;
  #end = h("p", { part: "end", class: "hidden end", dir: "auto", tabindex: -1 });
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

  /** `badge` is in the header while the panel is a region of the page. */
  constructor(orders: PanelOrders, badge: HTMLElement) {
    this.#badge = badge;
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
    this.#header = h("div", { part: "header", class: "header" }, this.#title, this.#allRead, this.#close);
    const keydown = (event: KeyboardEvent) => this.#key(event);
    this.#content = h(
      "section",
      { class: "content", keydown },
      this.#header,
      h("div", { role: "status" }, this.#bar),
      h("div", { class: "stack" }, this.#above, this.list.element),
      this.#end,
      h("div", { role: "status" }, this.#outcome),
      h("slot", { name: "footer" }),
    );
    this.dialog = h(
      "dialog",
      { part: "panel", class: "panel", tabindex: -1, popover: "manual", "aria-labelledby": "title", keydown },
      this.#content,
    );
  }

  /** Makes the panel a region of `root`, behind the empty `dialog`, or puts it into the `dialog` again. */
  place(isInline: boolean): void {
    if (isInline === this.#isInline) return;
    this.#isInline = isInline;
    if (isInline) {
      this.dialog.after(this.#content);
      this.#title.after(this.#badge);
    } else this.dialog.append(this.#content);
    set(this.dialog, "part", isInline ? null : "panel");
    set(this.#content, "part", isInline ? "panel" : null);
    set(this.#content, "tabindex", isInline ? -1 : null);
    set(this.#content, "aria-label", null);
  }

  /** The panel itself has the focus, not one of its controls. */
  focus(): void {
    (this.#isInline ? this.#content : this.dialog).focus();
  }

  update(state: PanelState): void {
    this.#state = state;
    const { snapshot, style, name, trouble, loading, result, isUndoable } = state;
    const { texts } = style;
    const { items, unread, hasMore, ready } = snapshot;
    const isEmpty = ready && items.length === 0;
    say(this.#title, texts.title);
    if (this.#isInline) set(this.#content, "aria-label", name);
    say(this.#allRead, texts.markAllRead);
    set(this.#allRead, "aria-disabled", unread ? null : "true");
    for (const attribute of ["aria-label", "title"]) set(this.#close, attribute, texts.close);
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
    this.#end.hidden = !this.#isInline;
    say(this.#end, texts.end);
    this.list.update(items, hasMore, style);
  }

  /** From the panel itself, which has the focus when it opens, an arrow leads into the list. */
  #key(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget || event.key !== "ArrowDown") return;
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
      focusLost: () => this.focus(),
      leave: (forward) => {
        const after = this.#isInline ? this.#end : this.#close;
        const target = !forward ? this.#allRead : this.#more.hidden ? after : this.#more;
        target.focus();
      },
      above: (count) => {
        this.#above.hidden = !count;
        if (count) say(this.#above, this.#state!.style.texts.added(count));
      },
    };
  }
}
