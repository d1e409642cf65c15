// `<signal-inbox>`: the bell with its badge, and the panel; or the panel alone, as a part of the page (`inline`).
import type { Notification, Signal } from "@nx-signal/client";
import { Condition } from "./condition.js";
import { button, h, icon, icons, say, set } from "./dom.js";
import { emptySnapshot, SignalElement } from "./element.js";
import { inboxCss } from "./inbox_css.js";
import { Panel } from "./panel.js";
import { placeBeside } from "./placement.js";
import type { InboxAction, RowStyle } from "./row.js";
import type { Trouble } from "./trouble.js";

/** Relative times are computed again that often. */
const timesEveryMs = 30_000;
/** A larger number does not fit into the badge. */
const mostOfBadge = 99;
/** On a screen that is not wider, the panel fills it. */
const narrow = "(max-width: 30rem)";

export class SignalInbox extends SignalElement {
  static readonly observedAttributes = ["open", "inline", "lang"];
  #badge = h("span", { part: "badge", class: "badge", "aria-hidden": "true" });
  #bell = button(
    { part: "bell", class: "bell", "aria-haspopup": "dialog" },
    () => {
      this.open = !this.open;
    },
    h("slot", { name: "bell" }, icon(icons.bell)),
    this.#badge,
  );
  #panel: Panel;
  #actions: ((notification: Notification) => InboxAction[]) | null = null;
  #style: RowStyle | undefined;
  #isShown = false;
  #isOpen = false; // as told to the app
  #closing: AbortController | undefined;
  #condition: Condition | undefined;
  #changeFailed = false;
  #loading = false;
  #isHalted = false;
  #result = "";
  #undo: (() => void) | undefined;

  constructor() {
    super(inboxCss);
    this.#panel = new Panel(
      {
        select: (row) => {
          if (this.choose(row)) void this.#change((inbox) => inbox.markRead(row.id));
        },
        markRead: ({ id }) => void this.#change((inbox) => inbox.markRead(id)),
        markUnread: ({ id }) => void this.#change((inbox) => inbox.markUnread(id)),
        archive: ({ id }) => void this.#archive(id),
        markAllRead: () => void this.#markAllRead(),
        loadMore: () => void this.#loadMore(),
        close: () => this.#close(),
        remedy: () => this.#remedy(),
        undo: () => this.#undo?.(),
      },
      this.#badge,
    );
    const { dialog } = this.#panel;
    this.root.append(this.#bell, dialog);
    // A browser closes a modal `dialog` by itself at Escape and at the "back" of a phone.
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#close();
    });
    this.root.addEventListener("keydown", (event) => {
      if ((event as KeyboardEvent).key !== "Escape" || !this.open || this.#isInline) return;
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    });
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.contains(relatedTarget as Node)) this.open = false;
    });
  }

  get open(): boolean {
    return this.hasAttribute("open");
  }
  set open(open: boolean) {
    set(this, "open", open);
  }

  /** Buttons and links of the app in each row. */
  get actions(): ((notification: Notification) => InboxAction[]) | null {
    return this.#actions;
  }
  set actions(actions: ((notification: Notification) => InboxAction[]) | null | undefined) {
    this.#actions = actions ?? null;
    this.schedule();
  }

  get #isInline(): boolean {
    return this.hasAttribute("inline");
  }

  attributeChangedCallback(name: string): void {
    if (name === "inline") this.#place();
    this.#follow();
    this.schedule();
  }
  override connectedCallback(): void {
    super.connectedCallback();
    this.#follow();
  }
  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#follow();
  }

  protected follow(signal: Signal<any>): (() => void)[] {
    this.#changeFailed = this.#loading = this.#isHalted = false;
    this.#report("");
    this.#panel.list.reset();
    const condition = (this.#condition = new Condition(signal, () => this.schedule()));
    return [
      signal.inbox.subscribe(() => this.schedule()),
      () => {
        condition.end();
        this.#condition = undefined;
      },
    ];
  }

  protected render(): void {
    const snapshot = this.signal?.inbox.snapshot ?? emptySnapshot;
    const { texts } = this.language;
    const { unread } = snapshot;
    this.#badge.hidden = !unread;
    const count = unread > mostOfBadge ? `${mostOfBadge}+` : unread ? `${unread}` : "";
    say(this.#badge, count);
    const name = texts.bell(count);
    for (const attribute of ["aria-label", "title"]) set(this.#bell, attribute, name);
    set(this.#bell, "aria-expanded", `${this.#isShown}`);
    if (!this.#isShown) return;
    this.#panel.update({
      snapshot,
      style: this.#rowStyle(),
      name,
      trouble: this.#trouble(),
      loading: this.#loading,
      isHalted: this.#isHalted,
      result: this.#result,
      isUndoable: !!this.#undo,
    });
  }

  #trouble(): Trouble | undefined {
    if (this.#changeFailed) return { problem: "change" };
    return this.#condition?.trouble ?? (this.#isHalted ? { problem: "unavailable" } : undefined);
  }

  /** The same object while nothing in it has changed: rows compare it. */
  #rowStyle(): RowStyle {
    const { texts, times } = this.language;
    const last = this.#style;
    const now = Date.now();
    const isValid = last?.texts === texts && last.actions === this.#actions && now - last.now < timesEveryMs;
    if (!isValid) this.#style = { texts, times, now, actions: this.#actions };
    return this.#style!;
  }

  /** In the page, or in the `dialog`. */
  #place(): void {
    if (this.#isShown) this.#hide();
    this.#isShown = false;
    this.#panel.place(this.#isInline);
    if (!this.#isInline) this.#bell.append(this.#badge);
    // The name of the bell has the number, too.
    set(this.#badge, "aria-hidden", this.#isInline ? null : "true");
  }

  /** Shows or hides the panel, as the attributes say. */
  #follow(): void {
    const isShown = (this.open || this.#isInline) && this.isConnected;
    const isOpen = isShown && !this.#isInline;
    if (isShown !== this.#isShown) {
      this.#isShown = isShown;
      if (isShown) this.#show();
      else this.#hide();
    }
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.tell("signal-toggle", { open: isOpen });
  }

  #show(): void {
    const { signal } = (this.#closing = new AbortController());
    const timer = setInterval(() => this.schedule(), timesEveryMs);
    signal.addEventListener("abort", () => clearInterval(timer));
    if (this.#isInline) this.schedule();
    else this.#pop(signal);
  }

  /** Shows the `dialog` over the page, until `signal`. */
  #pop(signal: AbortSignal): void {
    const { dialog } = this.#panel;
    const size = matchMedia(narrow);
    const place = () => {
      if (!size.matches) placeBeside(this.#bell, dialog);
    };
    const open = () => {
      dialog.classList.toggle("sheet", size.matches);
      dialog.style.cssText = "";
      if (size.matches) dialog.showModal();
      else dialog.showPopover?.();
      place();
    };
    open();
    this.render();
    dialog.focus();
    const turned = () => {
      this.#conceal();
      open();
      dialog.focus();
    };
    size.addEventListener("change", turned, { signal });
    addEventListener("resize", place, { signal });
    addEventListener("scroll", place, { signal, capture: true, passive: true });
    const outside = (event: Event) => {
      if (!event.composedPath().includes(this)) this.open = false;
    };
    document.addEventListener("pointerdown", outside, { signal, capture: true });
  }

  #conceal(): void {
    const { dialog } = this.#panel;
    if (dialog.open) dialog.close();
    else if (this.isConnected) dialog.hidePopover?.();
  }
  #hide(): void {
    this.#closing?.abort();
    this.#report("");
    this.#changeFailed = false;
    this.#conceal();
  }

  /** The user is done with the panel: the bell has the focus again. */
  #close(): void {
    this.open = false;
    this.#bell.focus();
  }

  #report(result: string, undo?: () => void): void {
    this.#result = result;
    this.#undo = undo;
    this.schedule();
  }

  /** True when the server has taken the change; otherwise the client has undone it. */
  async #change(change: (inbox: Signal["inbox"]) => Promise<void>): Promise<boolean> {
    const { signal } = this;
    this.#changeFailed = false;
    this.#report("");
    try {
      if (signal) await change(signal.inbox);
      return !!signal;
    } catch {
      this.#changeFailed = signal === this.signal;
      this.#report("");
      return false;
    }
  }

  async #archive(id: string): Promise<void> {
    const done = this.#change((inbox) => inbox.archive(id));
    this.#report(this.language.texts.archived, () => {
      void done.then(() => this.#change((inbox) => inbox.unarchive(id)));
      this.#panel.focus();
    });
    await done;
  }

  async #markAllRead(): Promise<void> {
    if (!this.signal?.inbox.snapshot.unread) return;
    if (await this.#change((inbox) => inbox.markAllRead())) this.#report(this.language.texts.allRead);
  }

  async #loadMore(): Promise<void> {
    const { signal } = this;
    if (!signal || this.#loading) return;
    this.#loading = true;
    this.#isHalted = false;
    this.schedule();
    try {
      await signal.inbox.loadMore();
    } catch {
      this.#isHalted = true;
    }
    this.#loading = false;
    this.schedule();
  }

  #remedy(): void {
    const remedy = this.#condition?.trouble?.remedy;
    if (remedy) this.signal?.[remedy]();
  }
}
