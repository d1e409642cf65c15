// The custom elements of Signal. The import defines them, where there is a DOM.
import type { Notification } from "@nx-signal/client";
import { SignalInbox } from "./inbox_element.js";
import { SignalToasts } from "./toasts_element.js";

declare global {
  interface HTMLElementTagNameMap {
    "signal-inbox": SignalInbox;
    "signal-toasts": SignalToasts;
  }
  interface GlobalEventHandlersEventMap {
    "signal-select": CustomEvent<Notification>;
    "signal-toggle": CustomEvent<{ open: boolean }>;
  }
}

const registry = globalThis.customElements as CustomElementRegistry | undefined;
if (!registry?.get("signal-inbox")) registry?.define("signal-inbox", SignalInbox);
if (!registry?.get("signal-toasts")) registry?.define("signal-toasts", SignalToasts);

export { SignalInbox, SignalToasts };
export { english } from "./english.js";
export { vietnamese } from "./vietnamese.js";
export type { InboxAction } from "./row.js";
export type { OwnTexts, Texts } from "./texts.js";
export type { Problem } from "./trouble.js";
