// The list of rows: only those on the screen are elements. The pattern of a feed:
// https://www.w3.org/WAI/ARIA/apg/patterns/feed/
import type { Notification } from "@nx-signal/client";
import { h } from "./dom.js";
import { RowLayout } from "./row_layout.js";
import { Row, type RowOrders, type RowStyle } from "./row.js";

export interface ListOrders extends RowOrders {
  /** The end of the list is near. */
  nearEnd(): void;
  /** The focused row is gone, and no other row is left. */
  focusLost(): void;
  /** Ctrl+Home and Ctrl+End: the focus goes before or behind the list. */
  leave(forward: boolean): void;
  /** Rows above the shown ones that came while they were shown. */
  above(count: number): void;
}

/** Rows are made that far beyond the screen. */
const marginPixels = 300;
/** The next page is asked for when so many rows are left below. */
const nearRows = 10;

export class List {
  readonly element: HTMLElement;
  readonly feed = h("div", {
    role: "feed",
    part: "list",
    class: "feed",
    keydown: (event) => this.#key(event),
    focusin: () => {
      this.#stop = this.#focused()?.notification.seq ?? this.#stop;
      this.#settle();
    },
  });
  #layout = new RowLayout();
  #shown = new Map<string, Row>();
  #rows: readonly Notification[] = [];
  #hasMore = false;
  #style!: RowStyle;
  #orders: ListOrders;
  #stop = Infinity; // the seq of the row that Tab leads to
  #seen = 0; // the newest seq that was at the top of the screen
  #width = 0;

  constructor(orders: ListOrders, ...after: Node[]) {
    this.#orders = orders;
    this.element = h("div", { class: "scroller", scroll: () => this.#render() }, this.feed, ...after);
    new ResizeObserver(() => {
      const { clientWidth } = this.element;
      if (!clientWidth || !this.#style) return;
      if (this.#width !== clientWidth) this.#again();
      this.#width = clientWidth;
      this.#render();
    }).observe(this.element);
  }

  update(rows: readonly Notification[], hasMore: boolean, style: RowStyle): void {
    const { element } = this;
    const focused = this.#focused();
    const isHeld = element.scrollTop > 0 || !!focused || element.matches(":hover");
    // The row at the upper edge, or the focused one, stays where it is on the screen.
    const held = isHeld ? (focused?.notification ?? this.#rows[this.#layout.at(element.scrollTop)]) : undefined;
    const offset = held ? this.#layout.top(this.#layout.indexOf(held.seq)) - element.scrollTop : 0;
    const { texts, actions } = this.#style ?? {};
    if (texts !== style.texts || actions !== style.actions) this.#layout.forget();
    this.#rows = rows;
    this.#hasMore = hasMore;
    this.#style = style;
    this.#place();
    if (held) element.scrollTop = this.#layout.top(this.#layout.indexOf(held.seq)) - offset;
    this.#render(focused?.notification);
  }

  /** The next rows are those of another user. */
  reset(): void {
    this.#rows = [];
    this.#seen = 0;
    this.element.scrollTop = 0;
  }
  /** The newest rows, from the first one on. */
  toTop(): void {
    this.element.scrollTop = 0;
    this.#render();
  }
  focusFirst(): void {
    this.#focus(0);
  }

  #place(): void {
    this.#layout.place(this.#rows);
    this.feed.style.height = `${this.#layout.total}px`;
    this.feed.hidden = this.#rows.length === 0;
  }
  #again(): void {
    this.#layout.forget();
    this.#place();
  }

  /** `before`: the row that had the focus. */
  #render(before = this.#focused()?.notification): void {
    this.#arrange(before?.seq);
    if (before && !this.#focused()) this.#refocus(before);
    this.#tellEdges();
  }

  /** Makes elements of the rows on the screen, and of the one with that seq. */
  #arrange(focused: number | undefined): void {
    const { element } = this;
    const { clientHeight } = element;
    if (!clientHeight || !this.#style) return;
    // Heights of new rows may let further rows into the range, or move them out of it.
    for (let rounds = 0; rounds < 4; ++rounds) {
      const y = element.scrollTop;
      const first = this.#layout.at(y);
      const offset = this.#layout.top(first) - y;
      this.#fill(...this.#layout.range(Math.max(0, y - marginPixels), clientHeight + 2 * marginPixels), focused);
      if (!this.#layout.measure(this.#heights())) break;
      this.#place();
      if (y > 0 && first >= 0) element.scrollTop = this.#layout.top(first) - offset;
    }
    this.#settle();
  }

  *#heights(): Generator<[string, number]> {
    for (const [id, { element }] of this.#shown) yield [id, element.offsetHeight];
  }

  /** Makes the rows from `first` to `end` elements, in their order, and keeps the focused row, wherever it is. */
  #fill(first: number, end: number, focused: number | undefined): void {
    const wanted = this.#rows.slice(first, end);
    const kept = focused === undefined ? undefined : this.#rows[this.#layout.indexOf(focused)];
    if (kept && kept.seq === focused && !wanted.includes(kept)) {
      if (kept.seq > (wanted[0]?.seq ?? 0)) wanted.unshift(kept);
      else wanted.push(kept);
    }
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, row] of this.#shown)
      if (!ids.has(id)) {
        row.element.remove();
        this.#shown.delete(id);
      }
    let next = this.feed.firstElementChild;
    for (const notification of wanted) {
      let row = this.#shown.get(notification.id);
      if (!row) this.#shown.set(notification.id, (row = new Row(notification, this.#orders)));
      row.update(notification, this.#style);
      // An element that is moved loses the focus; rows keep their order, so none is.
      if (row.element === next) next = next.nextElementSibling;
      else this.feed.insertBefore(row.element, next);
    }
  }

  #settle(): void {
    const size = this.#hasMore ? -1 : this.#rows.length;
    const stop = Math.min(this.#layout.indexOf(this.#stop), this.#rows.length - 1);
    // A row that is scrolled away is reached through the first one on the screen.
    const isShown = this.#shown.has(this.#rows[stop]?.id ?? "");
    const at = isShown ? stop : this.#layout.at(this.element.scrollTop);
    for (const row of this.#shown.values()) {
      const n = this.#layout.indexOf(row.notification.seq);
      row.settle(this.#layout.top(n), n, size, n === at);
    }
  }

  #tellEdges(): void {
    const { element } = this;
    const newest = this.#rows[0]?.seq ?? 0;
    if (element.scrollTop <= 0) this.#seen = newest;
    this.#orders.above(newest > this.#seen ? this.#layout.indexOf(this.#seen) : 0);
    if (this.#hasMore && this.#layout.at(element.scrollTop + element.clientHeight) >= this.#rows.length - nearRows)
      this.#orders.nearEnd();
  }

  #focused(): Row | undefined {
    const at = (this.feed.getRootNode() as ShadowRoot).activeElement?.closest("article");
    return at ? [...this.#shown.values()].find(({ element }) => element === at) : undefined;
  }

  /** The focused row is not in the list any more: its successor has the focus. */
  #refocus({ seq }: Notification): void {
    if (this.#rows.length === 0) this.#orders.focusLost();
    else this.#focus(this.#layout.indexOf(seq));
  }

  #focus(wanted: number): void {
    const n = Math.max(0, Math.min(wanted, this.#rows.length - 1));
    const target = this.#rows[n];
    if (!target) return;
    this.#stop = target.seq;
    const { element } = this;
    // Twice, because the height of a row is known once it is shown.
    for (let rounds = 0; rounds < 2; ++rounds) {
      const [top, end] = [this.#layout.top(n), this.#layout.top(n + 1)];
      if (top < element.scrollTop) element.scrollTop = top;
      else if (end > element.scrollTop + element.clientHeight) element.scrollTop = end - element.clientHeight;
      this.#arrange(target.seq);
    }
    this.#shown.get(target.id)?.element.focus({ preventScroll: true });
    this.#tellEdges();
  }

  #key(event: KeyboardEvent): void {
    const row = this.#focused();
    if (!row || event.altKey || event.metaKey) return;
    const n = this.#layout.indexOf(row.notification.seq);
    const { key, ctrlKey } = event;
    if (key === "Enter" && event.composedPath()[0] === row.element) this.#orders.select(row.notification);
    else if (ctrlKey && (key === "Home" || key === "End")) this.#orders.leave(key === "End");
    else if (ctrlKey) return;
    else if (key === "ArrowDown" || key === "PageDown") this.#focus(n + 1);
    else if (key === "ArrowUp" || key === "PageUp") this.#focus(n - 1);
    else if (key === "Home") this.#focus(0);
    else if (key === "End") this.#focus(this.#rows.length - 1);
    else return;
    event.preventDefault();
  }
}
