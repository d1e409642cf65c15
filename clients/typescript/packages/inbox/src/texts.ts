// All texts of the elements. A language is one object of this form.
import { english } from "./english.js";
import type { Problem } from "./trouble.js";
import { vietnamese } from "./vietnamese.js";

export interface Texts {
  title: string;
  /** The name of the bell; `unread` is the text of the badge, empty without one. */
  bell: (unread: string) => string;
  /** Stands before the title of an unread row, for a screen reader. */
  unread: string;
  markRead: string;
  markUnread: string;
  archive: string;
  markAllRead: string;
  close: string;
  loadMore: string;
  loading: string;
  empty: string;
  archived: string;
  undo: string;
  allRead: string;
  /** Behind the list of an `inline` panel; shown while it has the focus. */
  end: string;
  /** Rows that came while the list shows older ones. */
  added: (count: number) => string;
  /** Toasts that are not shown. */
  more: (count: number) => string;
  tryAgain: string;
  connectAgain: string;
  problems: Record<Problem, string>;
}

/** Texts of an app in place of those of the language. */
export type OwnTexts = Partial<Omit<Texts, "problems">> & { problems?: Partial<Texts["problems"]> };

const languages: Record<string, Texts> = { en: english, vi: vietnamese };

/** Without a language of its own, English. `own` replaces some of it. */
export function textsOf(locale: string, own: OwnTexts): Texts {
  const base = languages[locale.toLowerCase().split("-")[0]!] ?? english;
  return { ...base, ...own, problems: { ...base.problems, ...own.problems } };
}

/** The language of the nearest `lang`, through shadow roots; that of the browser where there is no valid one. */
export function localeOf(element: Element): string {
  let said: string | null = null;
  for (let at: Element | undefined = element; at && !said; at = (at.getRootNode() as ShadowRoot).host)
    said = at.closest("[lang]")?.getAttribute("lang") ?? null;
  try {
    return Intl.getCanonicalLocales(said || navigator.language)[0] ?? "en";
  } catch {
    return "en";
  }
}
