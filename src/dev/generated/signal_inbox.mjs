// Made by script/client page from @nx-signal/inbox (clients/typescript/packages/inbox): change that.
// MIT licence, see LICENSE.

// packages/inbox/dist/trouble.js
var byCode = { 4008: "replaced", 4009: "disconnected" };
function troubleOf({ status, late, error, secure }) {
  const { state, closed } = status;
  if (error === "user")
    return { problem: "user" };
  if (state === "stopped" && closed)
    return { problem: byCode[closed.code] ?? "refused", remedy: "start" };
  if (late && secure && state !== "stopped")
    return { problem: error === "token" ? "token" : "offline", remedy: "wake" };
  if (error === "rest" || error === "token")
    return { problem: "unavailable", remedy: "wake" };
  return secure ? void 0 : { problem: "insecure" };
}

// packages/inbox/dist/condition.js
var lateAfterMs = 3e3;
var Condition = class {
  #signal;
  #onChange;
  #error;
  #late = false;
  #timer;
  #offs;
  constructor(signal, onChange) {
    this.#signal = signal;
    this.#onChange = onChange;
    this.#offs = [
      signal.on("status", () => this.#look()),
      signal.on("error", (error) => {
        console.warn(error);
        if (["rest", "token", "user"].includes(error.code))
          this.#error = error.code;
        onChange();
      }),
      // The client tells the first error of a series, and changes when it is over.
      signal.inbox.subscribe(() => {
        if (this.#error === "rest" || signal.status.state === "live")
          this.#error = void 0;
      })
    ];
    this.#look();
  }
  get trouble() {
    const secure = !!globalThis.crypto?.subtle;
    return troubleOf({ status: this.#signal.status, late: this.#late, error: this.#error, secure });
  }
  end() {
    clearTimeout(this.#timer);
    for (const off of this.#offs)
      off();
  }
  #look() {
    if (this.#signal.status.state === "live") {
      clearTimeout(this.#timer);
      this.#timer = this.#error = void 0;
      this.#late = false;
    } else
      this.#timer ??= setTimeout(() => {
        this.#late = true;
        this.#onChange();
      }, lateAfterMs);
    this.#onChange();
  }
};

// packages/inbox/dist/dom.js
function set(element, name, value) {
  const text = value === true ? "" : value === false || value == null ? null : String(value);
  if (element.getAttribute(name) === text)
    return;
  if (text === null)
    element.removeAttribute(name);
  else
    element.setAttribute(name, text);
}
function say(element, text) {
  if (element.textContent !== text)
    element.textContent = text;
}
function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === "function")
      element.addEventListener(key, value);
    else
      set(element, key, value);
  element.append(...children);
  return element;
}
var button = (attributes, click, ...children) => h("button", { type: "button", ...attributes, click }, ...children);
var svg = "http://www.w3.org/2000/svg";
function icon(path) {
  const picture = document.createElementNS(svg, "svg");
  const line = document.createElementNS(svg, "path");
  set(picture, "viewBox", "0 0 24 24");
  set(picture, "aria-hidden", "true");
  set(line, "d", path);
  picture.append(line);
  return picture;
}
var icons = {
  bell: "M6 9a6 6 0 0 1 12 0c0 6 2.5 7.5 2.5 7.5h-17S6 15 6 9zM10 20.5a2.2 2.2 0 0 0 4 0",
  close: "M6 6l12 12M18 6L6 18",
  read: "M5 12.5l4.5 4.5L19 7.5",
  unread: "M12 7a5 5 0 1 0 .01 0z",
  archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4"
};

// packages/inbox/dist/english.js
var notifications = (count, what = "") => `${count} ${what}notification${count === 1 ? "" : "s"}`;
var english = {
  title: "Notifications",
  bell: (unread) => unread ? `Notifications, ${unread} unread` : "Notifications",
  unread: "Unread",
  markRead: "Mark as read",
  markUnread: "Mark as unread",
  archive: "Archive",
  markAllRead: "Mark all as read",
  close: "Close",
  loadMore: "Show older",
  loading: "Loading…",
  empty: "You have no notifications.",
  archived: "Archived.",
  undo: "Undo",
  allRead: "All are marked as read.",
  end: "End of the list",
  added: (count) => notifications(count, "new "),
  more: (count) => notifications(count, "more "),
  tryAgain: "Try again",
  connectAgain: "Connect again",
  problems: {
    offline: "There is no connection. New notifications appear as soon as it is back.",
    replaced: "Another window or device has taken over the connection. New notifications do not appear here.",
    disconnected: "An operator has ended the connection. New notifications do not appear here.",
    refused: "The server has refused the connection. Sign in again to see new notifications.",
    user: "You are signed in as another user. Reload the page.",
    token: "The sign-in could not be confirmed. New notifications do not appear until it is.",
    insecure: "This page is not served on https://, so new notifications appear late.",
    unavailable: "The notifications could not be loaded.",
    change: "The change could not be saved, so it was undone."
  }
};

// packages/inbox/dist/vietnamese.js
var vietnamese = {
  title: "Thông báo",
  bell: (unread) => unread ? `Thông báo, ${unread} chưa đọc` : "Thông báo",
  unread: "Chưa đọc",
  markRead: "Đánh dấu đã đọc",
  markUnread: "Đánh dấu chưa đọc",
  archive: "Lưu trữ",
  markAllRead: "Đánh dấu tất cả đã đọc",
  close: "Đóng",
  loadMore: "Xem cũ hơn",
  loading: "Đang tải…",
  empty: "Bạn không có thông báo nào.",
  archived: "Đã lưu trữ.",
  undo: "Hoàn tác",
  allRead: "Tất cả đã được đánh dấu đã đọc.",
  end: "Cuối danh sách",
  added: (count) => `${count} thông báo mới`,
  more: (count) => `${count} thông báo khác`,
  tryAgain: "Thử lại",
  connectAgain: "Kết nối lại",
  problems: {
    offline: "Không có kết nối. Thông báo mới sẽ hiện ngay khi có kết nối trở lại.",
    replaced: "Cửa sổ hoặc thiết bị khác đã nhận kết nối. Thông báo mới không hiện ở đây.",
    disconnected: "Quản trị viên đã ngắt kết nối. Thông báo mới không hiện ở đây.",
    refused: "Máy chủ đã từ chối kết nối. Hãy đăng nhập lại để xem thông báo mới.",
    user: "Bạn đang đăng nhập bằng tài khoản khác. Hãy tải lại trang.",
    token: "Chưa xác nhận được phiên đăng nhập. Thông báo mới sẽ hiện sau khi xác nhận.",
    insecure: "Trang này không dùng https:// nên thông báo mới hiện chậm.",
    unavailable: "Không tải được thông báo.",
    change: "Không lưu được thay đổi nên đã hoàn tác."
  }
};

// packages/inbox/dist/texts.js
var languages = { en: english, vi: vietnamese };
function textsOf(locale, own) {
  const base = languages[locale.toLowerCase().split("-")[0]] ?? english;
  return { ...base, ...own, problems: { ...base.problems, ...own.problems } };
}
function localeOf(element) {
  let said = null;
  for (let at = element; at && !said; at = at.getRootNode().host)
    said = at.closest("[lang]")?.getAttribute("lang") ?? null;
  try {
    return Intl.getCanonicalLocales(said || navigator.language)[0] ?? "en";
  } catch {
    return "en";
  }
}

// packages/inbox/dist/times.js
var units = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86400]
];
var weekSeconds = 604800;
function timesIn(locale) {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
  return {
    ago(time, now) {
      const seconds = (now - Date.parse(time)) / 1e3;
      if (seconds >= weekSeconds)
        return date.format(new Date(time));
      const [unit, length] = units.findLast(([, length2]) => seconds >= length2) ?? ["second", Infinity];
      return relative.format(-Math.floor(Math.max(0, seconds) / length), unit);
    },
    whole: (time) => whole.format(new Date(time))
  };
}

// packages/inbox/dist/element.js
var Base = globalThis.HTMLElement ?? class {
};
var sheets = /* @__PURE__ */ new Map();
function sheetOf(css) {
  const sheet = sheets.get(css) ?? new CSSStyleSheet();
  if (!sheets.has(css))
    sheet.replaceSync(css);
  sheets.set(css, sheet);
  return sheet;
}
var emptySnapshot = { items: [], unread: 0, hasMore: false, ready: false };
var SignalElement = class extends Base {
  /** @internal */
  root;
  #signal = null;
  #offs = [];
  #texts = {};
  #frame = 0;
  #language;
  /** @internal */
  constructor(css) {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [sheetOf(css)];
  }
  /** The client of the user; its start and its end are the app's. */
  get signal() {
    return this.#signal;
  }
  set signal(signal) {
    this.#unfollow();
    this.#signal = signal ?? null;
    if (this.isConnected)
      this.#follow();
  }
  /** Texts in place of those of the language. */
  get texts() {
    return this.#texts;
  }
  set texts(texts) {
    this.#texts = texts ?? {};
    this.#language = void 0;
    this.schedule();
  }
  connectedCallback() {
    for (const name of ["signal", "texts", "actions", "open"]) {
      if (!Object.hasOwn(this, name))
        continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    this.#follow();
  }
  disconnectedCallback() {
    this.#unfollow();
  }
  /** Renders in the next animation frame, once, however often it is called before. @internal */
  schedule() {
    if (!this.isConnected)
      return;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.render();
    });
  }
  /** Texts and times of the language that is valid here now. @internal */
  get language() {
    const locale = localeOf(this);
    if (this.#language?.locale !== locale)
      this.#language = { locale, texts: textsOf(locale, this.#texts), times: timesIn(locale) };
    return this.#language;
  }
  /** True when the app has not taken it over. @internal */
  tell(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }
  /** The user has chosen a notification: true when it is to be marked as read. @internal */
  choose(notification) {
    return this.tell("signal-select", notification) && !notification.readAt;
  }
  #follow() {
    this.#unfollow();
    if (this.#signal)
      this.#offs = this.follow(this.#signal);
    this.schedule();
  }
  #unfollow() {
    for (const off of this.#offs.splice(0))
      off();
  }
};

// packages/inbox/dist/theme.js
var colours = {
  background: ["#ffffff", "#1b1d21"],
  text: ["#1a1c1f", "#eceef1"],
  muted: ["#565c66", "#a7adb8"],
  border: ["#d9dce1", "#3a3e46"],
  accent: ["#1d56c9", "#8ab4ff"],
  "on-accent": ["#ffffff", "#10182b"],
  unread: ["#eff4ff", "#22293a"],
  hover: ["#f2f3f5", "#2a2d34"],
  badge: ["#c81e1e", "#ff8a80"],
  "on-badge": ["#ffffff", "#2b0606"],
  problem: ["#fdecea", "#40201d"],
  "on-problem": ["#7a1610", "#ffc9c3"]
};
var all = (value) => Object.entries(colours).map(([name, [light, dark]]) => `--_${name}:var(--signal-${name},${value(light, dark)})`).join(";");
var theme = `
:host{${all((light) => light)};--_radius:var(--signal-radius,.75rem);
--_shadow:var(--signal-shadow,0 .5rem 2rem rgb(0 0 0/.22));font:var(--signal-font,inherit)}
@supports(color:light-dark(#000,#fff)){:host{${all((light, dark) => `light-dark(${light},${dark})`)}}}
:host([theme=light]){color-scheme:light}
:host([theme=dark]){color-scheme:dark}
:host([hidden]),[hidden]{display:none!important}
*{box-sizing:border-box}
p,h2{margin:0}
[dir=auto]{text-align:-webkit-match-parent;text-align:match-parent}
button,a{font:inherit;color:inherit;border:0;background:none;cursor:pointer}
:focus-visible{outline:2px solid var(--_accent);outline-offset:-2px}
svg{display:block;width:1.25em;height:1.25em;fill:none;stroke:currentColor;stroke-width:1.8;
stroke-linecap:round;stroke-linejoin:round}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.round{display:grid;place-items:center;min-width:2rem;min-height:2rem;padding:0;border-radius:.5rem;flex:none}
.round:hover,.plain:hover,.bell:hover{background:var(--_hover)}
[aria-disabled=true]{color:var(--_muted)!important;cursor:default;background:none!important}
`;

// packages/inbox/dist/inbox_css.js
var inboxCss = `${theme}
:host{display:inline-block}
.bell{position:relative;display:grid;place-items:center;min-width:2.75rem;min-height:2.75rem;border-radius:.5rem;
padding:0;font-size:1.1em}
.bell:focus-visible{outline-offset:0}
.badge{position:absolute;inset-block-start:.1rem;inset-inline-start:50%;min-width:1.25rem;padding:0 .25rem;
border-radius:1rem;background:var(--_badge);color:var(--_on-badge);font-size:.7rem;line-height:1.25rem;font-weight:600;
text-align:center;border:1px solid transparent;pointer-events:none}
.panel{position:fixed;inset:auto;margin:0;padding:0;width:var(--signal-width,25rem);max-width:calc(100vw - 16px);
height:var(--signal-height,36rem);max-height:calc(100vh - 16px);border:1px solid var(--_border);
border-radius:var(--_radius);background:var(--_background);color:var(--_text);box-shadow:var(--_shadow);overflow:hidden;
display:none;outline:0}
:host([open]) .panel{display:flex}
.content{display:flex;flex-direction:column;flex:1;min-width:0;overflow:hidden;text-align:start;line-height:1.4}
:host([inline]){display:block}
:host([inline]) :is(.bell,.panel,[part=close]){display:none}
:host([inline]) .content{height:var(--signal-height,36rem);border:1px solid var(--_border);
border-radius:var(--_radius);background:var(--_background);color:var(--_text)}
:host([inline]) .content:focus-visible{outline-offset:0}
:host([inline]) .scroller{overscroll-behavior:auto}
:host([inline]) h2{flex:none}
:host([inline]) .badge{position:static;margin-inline-start:.25rem}
:host([inline]) [part=mark-all-read]{margin-inline-start:auto}
.panel.sheet{inset:0;width:100%;max-width:none;height:100%;max-height:none;border:0;border-radius:0}
.panel::backdrop{background:none}
.header{display:flex;align-items:center;gap:.25rem;padding-block:.5rem;padding-inline:1rem .5rem;
border-block-end:1px solid var(--_border)}
h2{flex:1;font-size:1.05em;font-weight:600}
.plain{padding:.35rem .6rem;border-radius:.5rem;color:var(--_accent);font-size:.875em;min-height:2rem}
.problem{display:flex;align-items:center;gap:.5rem;padding-block:.6rem;padding-inline:1rem .6rem;
background:var(--_problem);color:var(--_on-problem);font-size:.875em}
.problem p{flex:1}
.problem .plain{color:inherit;text-decoration:underline;flex:none}
.problem .plain:hover{background:none}
.stack{position:relative;flex:1;min-height:0;display:flex}
.scroller{flex:1;overflow-y:auto;overflow-anchor:none;overscroll-behavior:contain;position:relative}
.feed{position:relative;contain:layout}
article{position:absolute;inset-inline:0;contain:layout style;padding-block:.7rem;
padding-inline:1.75rem 1rem;
border-block-end:1px solid var(--_border);display:grid;grid-template-columns:1fr auto;gap:.1rem .75rem;
background:var(--_background)}
article:hover{background:var(--_hover)}
article[part~=unread]{background:var(--_unread)}
article[part~=unread]::before{content:"";position:absolute;inset-inline-start:.7rem;inset-block-start:1.15rem;
width:.55rem;height:.55rem;border-radius:50%;background:var(--_accent);border:1px solid transparent}
.title{padding:0;text-align:start;font-weight:400;overflow-wrap:anywhere}
.title:focus-visible{outline-offset:2px}
.title::after{content:"";position:absolute;inset:0}
article[part~=unread] .title{font-weight:600}
.title span[dir],.body{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
.body{grid-column:1/-1;color:var(--_muted);font-size:.9em;overflow-wrap:anywhere}
time{grid-area:1/2;color:var(--_muted);font-size:.8em;line-height:1.75;white-space:nowrap;position:relative;
cursor:pointer}
.actions{grid-column:1/-1;display:flex;align-items:center;justify-content:end;gap:.25rem;position:relative;
flex-wrap:wrap;pointer-events:none;min-height:2rem}
.actions>*,.own>*{pointer-events:auto}
.own{display:flex;gap:.25rem;flex:1;flex-wrap:wrap;pointer-events:none!important}
.own>*{padding:.3rem .7rem;border:1px solid var(--_border);border-radius:.5rem;font-size:.85em;text-decoration:none;
background:var(--_background);overflow-wrap:anywhere}
.actions>button{display:grid;place-items:center;min-width:2rem;min-height:2rem;padding:0;border-radius:.5rem;
color:var(--_muted)}
.actions button:hover,.own>*:hover{background:var(--_border);color:var(--_text)}
.above{position:absolute;z-index:1;inset-block-start:.5rem;inset-inline:0;margin-inline:auto;width:max-content;
max-width:90%;padding:.4rem .9rem;border-radius:2rem;background:var(--_accent);color:var(--_on-accent);
box-shadow:var(--_shadow);font-size:.875em}
.above:focus-visible{outline-color:var(--_text);outline-offset:2px}
.more{display:block;margin:.5rem auto}
.end:focus{position:static;width:auto;height:auto;clip-path:none;padding:.4rem 1rem;font-size:.875em}
.empty{padding:3rem 1.5rem;text-align:center;color:var(--_muted)}
.waiting{padding:.5rem 1rem}
.bone{height:3.5rem;margin-block:.5rem;border-radius:.5rem;background:var(--_hover)}
.result{display:flex;align-items:center;gap:.5rem;padding-block:.4rem;padding-inline:1rem .5rem;
border-block-start:1px solid var(--_border);font-size:.875em}
.result span{flex:1}
::slotted([slot=footer]){border-block-start:1px solid var(--_border)}
@media(prefers-reduced-motion:no-preference){.bone{animation:pulse 1.6s infinite alternate}
@keyframes pulse{to{opacity:.5}}}
@media(forced-colors:active){article[part~=unread]::before{background:Highlight}.badge{border-color:CanvasText}}
`;

// packages/inbox/dist/row_layout.js
var mostKnown = 2e4;
var RowLayout = class {
  /** The height of a row that has not been shown. Fixed by the first rows, so that no row moves for another one. */
  #estimate = 0;
  #known = /* @__PURE__ */ new Map();
  #rows = [];
  #tops = new Float64Array(1);
  /** Newest first. */
  place(rows) {
    this.#rows = rows;
    if (this.#known.size > mostKnown)
      this.#known.clear();
    if (this.#tops.length <= rows.length)
      this.#tops = new Float64Array(2 * rows.length + 1);
    let top = 0;
    rows.forEach(({ id }, n) => {
      this.#tops[n] = top;
      top += this.#known.get(id) ?? (this.#estimate || 80);
    });
    this.#tops[rows.length] = top;
  }
  /** Heights as they are on the screen; `place` has to follow when it answers true. */
  measure(heights) {
    let isNew = false;
    let sum = 0;
    let count = 0;
    for (const [id, height] of heights) {
      isNew ||= this.#known.get(id) !== height;
      this.#known.set(id, height);
      sum += height;
      ++count;
    }
    if (count > 0)
      this.#estimate ||= sum / count;
    return isNew;
  }
  /** The width has changed, or the texts. */
  forget() {
    this.#known.clear();
  }
  get total() {
    return this.#tops[this.#rows.length];
  }
  /** Of the row `n`, or the end of the last row. */
  top(n) {
    return this.#tops[Math.min(n, this.#rows.length)];
  }
  /** The row at `y`, the last one beyond the end; -1 without rows. */
  at(y) {
    return this.#first((n) => this.#tops[n + 1] > y, this.#rows.length - 1);
  }
  /** The first row that is not newer than `seq`; the number of rows when all are. */
  indexOf(seq) {
    return this.#first((n) => this.#rows[n].seq <= seq, this.#rows.length);
  }
  /** The rows that `height` pixels from `y` on show: the first one, and the one after the last. */
  range(y, height) {
    return [Math.max(0, this.at(y)), this.at(y + height) + 1];
  }
  #first(isIt, end) {
    let low = 0;
    let high = end;
    while (low < high) {
      const middle = low + high >> 1;
      if (isIt(middle))
        high = middle;
      else
        low = middle + 1;
    }
    return Math.min(low, end);
  }
};

// packages/inbox/dist/row.js
var isSafe = (href) => {
  try {
    return /^https?:$/.test(new URL(href, document.baseURI).protocol);
  } catch {
    return false;
  }
};
var Row = class {
  element;
  notification;
  #orders;
  #style;
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
  constructor(notification, orders) {
    this.notification = notification;
    this.#orders = orders;
    const { id } = notification;
    const select = () => orders.select(this.notification);
    const [title, body, time] = [`title-${id}`, `body-${id}`, `time-${id}`];
    this.#body = h("p", { part: "row-body", class: "body", dir: "auto", id: body });
    this.#time = h("time", { part: "row-time", id: time, click: select });
    this.element = h("article", { "aria-labelledby": title, "aria-describedby": `${body} ${time}` }, button({ part: "row-title", class: "title", id: title }, select, this.#unread, this.#title), this.#body, this.#time, h("div", { part: "row-actions", class: "actions" }, this.#own, this.#toggle, this.#archive));
  }
  update(notification, style) {
    if (notification === this.notification && style === this.#style)
      return;
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
  settle(top, n, size, isStop) {
    this.element.style.top = `${top}px`;
    set(this.element, "aria-posinset", n + 1);
    set(this.element, "aria-setsize", size);
    const stop = isStop ? 0 : -1;
    if (this.element.tabIndex === stop && this.#toggle.tabIndex === stop)
      return;
    this.element.tabIndex = stop;
    for (const one of this.element.querySelectorAll("button, a"))
      one.tabIndex = stop;
  }
  #name(control, text) {
    set(control, "aria-label", text);
    set(control, "title", text);
  }
  #action({ label, run, href }) {
    const click = () => run?.(this.notification);
    const tabindex = this.#toggle.tabIndex;
    if (href === void 0)
      return [button({ part: "action", tabindex }, click, label)];
    return isSafe(href) ? [h("a", { part: "action", tabindex, href, click }, label)] : [];
  }
};

// packages/inbox/dist/list.js
var marginPixels = 300;
var nearRows = 10;
var List = class {
  element;
  feed = h("div", {
    role: "feed",
    part: "list",
    class: "feed",
    keydown: (event) => this.#key(event),
    focusin: () => {
      this.#stop = this.#focused()?.notification.seq ?? this.#stop;
      this.#settle();
    }
  });
  #layout = new RowLayout();
  #shown = /* @__PURE__ */ new Map();
  #rows = [];
  #hasMore = false;
  #style;
  #orders;
  #stop = Infinity;
  // the seq of the row that Tab leads to
  #seen = 0;
  // the newest seq that was at the top of the screen
  #width = 0;
  constructor(orders, ...after) {
    this.#orders = orders;
    this.element = h("div", { class: "scroller", scroll: () => this.#render() }, this.feed, ...after);
    new ResizeObserver(() => {
      const { clientWidth } = this.element;
      if (!clientWidth || !this.#style)
        return;
      if (this.#width !== clientWidth)
        this.#again();
      this.#width = clientWidth;
      this.#render();
    }).observe(this.element);
  }
  update(rows, hasMore, style) {
    const { element } = this;
    const focused = this.#focused();
    const isHeld = element.scrollTop > 0 || !!focused || element.matches(":hover");
    const held = isHeld ? focused?.notification ?? this.#rows[this.#layout.at(element.scrollTop)] : void 0;
    const offset = held ? this.#layout.top(this.#layout.indexOf(held.seq)) - element.scrollTop : 0;
    const { texts, actions } = this.#style ?? {};
    if (texts !== style.texts || actions !== style.actions)
      this.#layout.forget();
    this.#rows = rows;
    this.#hasMore = hasMore;
    this.#style = style;
    this.#place();
    if (held)
      element.scrollTop = this.#layout.top(this.#layout.indexOf(held.seq)) - offset;
    this.#render(focused?.notification);
  }
  /** The next rows are those of another user. */
  reset() {
    this.#rows = [];
    this.#seen = 0;
    this.element.scrollTop = 0;
  }
  /** The newest rows, from the first one on. */
  toTop() {
    this.element.scrollTop = 0;
    this.#render();
  }
  focusFirst() {
    this.#focus(0);
  }
  #place() {
    this.#layout.place(this.#rows);
    this.feed.style.height = `${this.#layout.total}px`;
    this.feed.hidden = this.#rows.length === 0;
  }
  #again() {
    this.#layout.forget();
    this.#place();
  }
  /** `before`: the row that had the focus. */
  #render(before = this.#focused()?.notification) {
    this.#arrange(before?.seq);
    if (before && !this.#focused())
      this.#refocus(before);
    this.#tellEdges();
  }
  /** Makes elements of the rows on the screen, and of the one with that seq. */
  #arrange(focused) {
    const { element } = this;
    const { clientHeight } = element;
    if (!clientHeight || !this.#style)
      return;
    for (let rounds = 0; rounds < 4; ++rounds) {
      const y = element.scrollTop;
      const first = this.#layout.at(y);
      const offset = this.#layout.top(first) - y;
      this.#fill(...this.#layout.range(Math.max(0, y - marginPixels), clientHeight + 2 * marginPixels), focused);
      if (!this.#layout.measure(this.#heights()))
        break;
      this.#place();
      if (y > 0 && first >= 0)
        element.scrollTop = this.#layout.top(first) - offset;
    }
    this.#settle();
  }
  *#heights() {
    for (const [id, { element }] of this.#shown)
      yield [id, element.offsetHeight];
  }
  /** Makes the rows from `first` to `end` elements, in their order, and keeps the focused row, wherever it is. */
  #fill(first, end, focused) {
    const wanted = this.#rows.slice(first, end);
    const kept = focused === void 0 ? void 0 : this.#rows[this.#layout.indexOf(focused)];
    if (kept && kept.seq === focused && !wanted.includes(kept)) {
      if (kept.seq > (wanted[0]?.seq ?? 0))
        wanted.unshift(kept);
      else
        wanted.push(kept);
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
      if (!row)
        this.#shown.set(notification.id, row = new Row(notification, this.#orders));
      row.update(notification, this.#style);
      if (row.element === next)
        next = next.nextElementSibling;
      else
        this.feed.insertBefore(row.element, next);
    }
  }
  #settle() {
    const size = this.#hasMore ? -1 : this.#rows.length;
    const stop = Math.min(this.#layout.indexOf(this.#stop), this.#rows.length - 1);
    const isShown = this.#shown.has(this.#rows[stop]?.id ?? "");
    const at = isShown ? stop : this.#layout.at(this.element.scrollTop);
    for (const row of this.#shown.values()) {
      const n = this.#layout.indexOf(row.notification.seq);
      row.settle(this.#layout.top(n), n, size, n === at);
    }
  }
  #tellEdges() {
    const { element } = this;
    const newest = this.#rows[0]?.seq ?? 0;
    if (element.scrollTop <= 0)
      this.#seen = newest;
    this.#orders.above(newest > this.#seen ? this.#layout.indexOf(this.#seen) : 0);
    if (this.#hasMore && this.#layout.at(element.scrollTop + element.clientHeight) >= this.#rows.length - nearRows)
      this.#orders.nearEnd();
  }
  #focused() {
    const at = this.feed.getRootNode().activeElement?.closest("article");
    return at ? [...this.#shown.values()].find(({ element }) => element === at) : void 0;
  }
  /** The focused row is not in the list any more: its successor has the focus. */
  #refocus({ seq }) {
    if (this.#rows.length === 0)
      this.#orders.focusLost();
    else
      this.#focus(this.#layout.indexOf(seq));
  }
  #focus(wanted) {
    const n = Math.max(0, Math.min(wanted, this.#rows.length - 1));
    const target = this.#rows[n];
    if (!target)
      return;
    this.#stop = target.seq;
    const { element } = this;
    for (let rounds = 0; rounds < 2; ++rounds) {
      const [top, end] = [this.#layout.top(n), this.#layout.top(n + 1)];
      if (top < element.scrollTop)
        element.scrollTop = top;
      else if (end > element.scrollTop + element.clientHeight)
        element.scrollTop = end - element.clientHeight;
      this.#arrange(target.seq);
    }
    this.#shown.get(target.id)?.element.focus({ preventScroll: true });
    this.#tellEdges();
  }
  #key(event) {
    const row = this.#focused();
    if (!row || event.altKey || event.metaKey)
      return;
    const n = this.#layout.indexOf(row.notification.seq);
    const { key, ctrlKey } = event;
    if (key === "Enter" && event.composedPath()[0] === row.element)
      this.#orders.select(row.notification);
    else if (ctrlKey && (key === "Home" || key === "End"))
      this.#orders.leave(key === "End");
    else if (ctrlKey)
      return;
    else if (key === "ArrowDown" || key === "PageDown")
      this.#focus(n + 1);
    else if (key === "ArrowUp" || key === "PageUp")
      this.#focus(n - 1);
    else if (key === "Home")
      this.#focus(0);
    else if (key === "End")
      this.#focus(this.#rows.length - 1);
    else
      return;
    event.preventDefault();
  }
};

// packages/inbox/dist/panel.js
var Panel = class {
  dialog;
  list;
  #state;
  #isInline = false;
  #badge;
  #header;
  #content;
  #end = h("p", { part: "end", class: "hidden end", dir: "auto", tabindex: -1 });
  #title = h("h2", { id: "title", part: "title", dir: "auto" });
  #allRead;
  #close;
  #problem = h("p", { dir: "auto" });
  #remedy;
  #bar;
  #above;
  #nothing = h("span", { dir: "auto" });
  #waiting = h("div", { class: "waiting" });
  #empty = h("div", { part: "empty", class: "empty" });
  #more;
  #result = h("span", { dir: "auto" });
  #undo;
  #outcome;
  /** `badge` is in the header while the panel is a region of the page. */
  constructor(orders, badge) {
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
    for (let n = 0; n < 4; ++n)
      this.#waiting.append(h("div", { class: "bone" }));
    this.list = new List(this.#listOrders(orders), this.#waiting, this.#empty, this.#more);
    set(this.list.feed, "aria-labelledby", "title");
    this.#undo = button({ class: "plain" }, () => orders.undo());
    this.#outcome = h("div", { part: "result", class: "result" }, this.#result, this.#undo);
    this.#header = h("div", { part: "header", class: "header" }, this.#title, this.#allRead, this.#close);
    const keydown = (event) => this.#key(event);
    this.#content = h("section", { class: "content", keydown }, this.#header, h("div", { role: "status" }, this.#bar), h("div", { class: "stack" }, this.#above, this.list.element), this.#end, h("div", { role: "status" }, this.#outcome), h("slot", { name: "footer" }));
    this.dialog = h("dialog", { part: "panel", class: "panel", tabindex: -1, popover: "manual", "aria-labelledby": "title", keydown }, this.#content);
  }
  /** Makes the panel a region of `root`, behind the empty `dialog`, or puts it into the `dialog` again. */
  place(isInline) {
    if (isInline === this.#isInline)
      return;
    this.#isInline = isInline;
    if (isInline) {
      this.dialog.after(this.#content);
      this.#title.after(this.#badge);
    } else
      this.dialog.append(this.#content);
    set(this.dialog, "part", isInline ? null : "panel");
    set(this.#content, "part", isInline ? "panel" : null);
    set(this.#content, "tabindex", isInline ? -1 : null);
    set(this.#content, "aria-label", null);
  }
  /** The panel itself has the focus, not one of its controls. */
  focus() {
    (this.#isInline ? this.#content : this.dialog).focus();
  }
  update(state) {
    this.#state = state;
    const { snapshot, style, name, trouble, loading, result, isUndoable } = state;
    const { texts } = style;
    const { items, unread, hasMore, ready } = snapshot;
    const isEmpty = ready && items.length === 0;
    say(this.#title, texts.title);
    if (this.#isInline)
      set(this.#content, "aria-label", name);
    say(this.#allRead, texts.markAllRead);
    set(this.#allRead, "aria-disabled", unread ? null : "true");
    for (const attribute of ["aria-label", "title"])
      set(this.#close, attribute, texts.close);
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
  #key(event) {
    if (event.target !== event.currentTarget || event.key !== "ArrowDown")
      return;
    event.preventDefault();
    this.list.focusFirst();
  }
  #listOrders(orders) {
    return {
      select: (row) => orders.select(row),
      markRead: (row) => orders.markRead(row),
      markUnread: (row) => orders.markUnread(row),
      archive: (row) => orders.archive(row),
      nearEnd: () => {
        if (!this.#state?.loading && !this.#state?.isHalted)
          orders.loadMore();
      },
      focusLost: () => this.focus(),
      leave: (forward) => {
        const after = this.#isInline ? this.#end : this.#close;
        const target = !forward ? this.#allRead : this.#more.hidden ? after : this.#more;
        target.focus();
      },
      above: (count) => {
        this.#above.hidden = !count;
        if (count)
          say(this.#above, this.#state.style.texts.added(count));
      }
    };
  }
};

// packages/inbox/dist/placement.js
var gap = 8;
function placeBeside(bell, panel) {
  const { top, bottom, left, right } = bell.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const isBelow = height - bottom >= top;
  const isRightToLeft = getComputedStyle(bell).direction === "rtl";
  const { style } = panel;
  style.maxHeight = `${Math.max(0, (isBelow ? height - bottom : top) - 2 * gap)}px`;
  const wanted = isRightToLeft ? left : right - panel.offsetWidth;
  style.left = `${Math.max(gap, Math.min(wanted, width - panel.offsetWidth - gap))}px`;
  style.top = isBelow ? `${bottom + gap}px` : "auto";
  style.bottom = isBelow ? "auto" : `${height - top + gap}px`;
}

// packages/inbox/dist/inbox_element.js
var timesEveryMs = 3e4;
var mostOfBadge = 99;
var narrow = "(max-width: 30rem)";
var SignalInbox = class extends SignalElement {
  static observedAttributes = ["open", "inline", "lang"];
  #badge = h("span", { part: "badge", class: "badge", "aria-hidden": "true" });
  #bell = button({ part: "bell", class: "bell", "aria-haspopup": "dialog" }, () => {
    this.open = !this.open;
  }, h("slot", { name: "bell" }, icon(icons.bell)), this.#badge);
  #panel;
  #actions = null;
  #style;
  #isShown = false;
  #isOpen = false;
  // as told to the app
  #closing;
  #condition;
  #changeFailed = false;
  #loading = false;
  #isHalted = false;
  #result = "";
  #undo;
  constructor() {
    super(inboxCss);
    this.#panel = new Panel({
      select: (row) => {
        if (this.choose(row))
          void this.#change((inbox) => inbox.markRead(row.id));
      },
      markRead: ({ id }) => void this.#change((inbox) => inbox.markRead(id)),
      markUnread: ({ id }) => void this.#change((inbox) => inbox.markUnread(id)),
      archive: ({ id }) => void this.#archive(id),
      markAllRead: () => void this.#markAllRead(),
      loadMore: () => void this.#loadMore(),
      close: () => this.#close(),
      remedy: () => this.#remedy(),
      undo: () => this.#undo?.()
    }, this.#badge);
    const { dialog } = this.#panel;
    this.root.append(this.#bell, dialog);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#close();
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.open || this.#isInline)
        return;
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    });
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.contains(relatedTarget))
        this.open = false;
    });
  }
  get open() {
    return this.hasAttribute("open");
  }
  set open(open) {
    set(this, "open", open);
  }
  /** Buttons and links of the app in each row. */
  get actions() {
    return this.#actions;
  }
  set actions(actions) {
    this.#actions = actions ?? null;
    this.schedule();
  }
  get #isInline() {
    return this.hasAttribute("inline");
  }
  attributeChangedCallback(name) {
    if (name === "inline")
      this.#place();
    this.#follow();
    this.schedule();
  }
  connectedCallback() {
    super.connectedCallback();
    this.#follow();
  }
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#follow();
  }
  follow(signal) {
    this.#changeFailed = this.#loading = this.#isHalted = false;
    this.#report("");
    this.#panel.list.reset();
    const condition = this.#condition = new Condition(signal, () => this.schedule());
    return [
      signal.inbox.subscribe(() => this.schedule()),
      () => {
        condition.end();
        this.#condition = void 0;
      }
    ];
  }
  render() {
    const snapshot = this.signal?.inbox.snapshot ?? emptySnapshot;
    const { texts } = this.language;
    const { unread } = snapshot;
    this.#badge.hidden = !unread;
    const count = unread > mostOfBadge ? `${mostOfBadge}+` : unread ? `${unread}` : "";
    say(this.#badge, count);
    const name = texts.bell(count);
    for (const attribute of ["aria-label", "title"])
      set(this.#bell, attribute, name);
    set(this.#bell, "aria-expanded", `${this.#isShown}`);
    if (!this.#isShown)
      return;
    this.#panel.update({
      snapshot,
      style: this.#rowStyle(),
      name,
      trouble: this.#trouble(),
      loading: this.#loading,
      isHalted: this.#isHalted,
      result: this.#result,
      isUndoable: !!this.#undo
    });
  }
  #trouble() {
    if (this.#changeFailed)
      return { problem: "change" };
    return this.#condition?.trouble ?? (this.#isHalted ? { problem: "unavailable" } : void 0);
  }
  /** The same object while nothing in it has changed: rows compare it. */
  #rowStyle() {
    const { texts, times } = this.language;
    const last = this.#style;
    const now = Date.now();
    const isValid = last?.texts === texts && last.actions === this.#actions && now - last.now < timesEveryMs;
    if (!isValid)
      this.#style = { texts, times, now, actions: this.#actions };
    return this.#style;
  }
  /** In the page, or in the `dialog`. */
  #place() {
    if (this.#isShown)
      this.#hide();
    this.#isShown = false;
    this.#panel.place(this.#isInline);
    if (!this.#isInline)
      this.#bell.append(this.#badge);
    set(this.#badge, "aria-hidden", this.#isInline ? null : "true");
  }
  /** Shows or hides the panel, as the attributes say. */
  #follow() {
    const isShown = (this.open || this.#isInline) && this.isConnected;
    const isOpen = isShown && !this.#isInline;
    if (isShown !== this.#isShown) {
      this.#isShown = isShown;
      if (isShown)
        this.#show();
      else
        this.#hide();
    }
    if (isOpen === this.#isOpen)
      return;
    this.#isOpen = isOpen;
    this.tell("signal-toggle", { open: isOpen });
  }
  #show() {
    const { signal } = this.#closing = new AbortController();
    const timer = setInterval(() => this.schedule(), timesEveryMs);
    signal.addEventListener("abort", () => clearInterval(timer));
    if (this.#isInline)
      this.schedule();
    else
      this.#pop(signal);
  }
  /** Shows the `dialog` over the page, until `signal`. */
  #pop(signal) {
    const { dialog } = this.#panel;
    const size = matchMedia(narrow);
    const place = () => {
      if (!size.matches)
        placeBeside(this.#bell, dialog);
    };
    const open = () => {
      dialog.classList.toggle("sheet", size.matches);
      dialog.style.cssText = "";
      if (size.matches)
        dialog.showModal();
      else
        dialog.showPopover?.();
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
    const outside = (event) => {
      if (!event.composedPath().includes(this))
        this.open = false;
    };
    document.addEventListener("pointerdown", outside, { signal, capture: true });
  }
  #conceal() {
    const { dialog } = this.#panel;
    if (dialog.open)
      dialog.close();
    else if (this.isConnected)
      dialog.hidePopover?.();
  }
  #hide() {
    this.#closing?.abort();
    this.#report("");
    this.#changeFailed = false;
    this.#conceal();
  }
  /** The user is done with the panel: the bell has the focus again. */
  #close() {
    this.open = false;
    this.#bell.focus();
  }
  #report(result, undo) {
    this.#result = result;
    this.#undo = undo;
    this.schedule();
  }
  /** True when the server has taken the change; otherwise the client has undone it. */
  async #change(change) {
    const { signal } = this;
    this.#changeFailed = false;
    this.#report("");
    try {
      if (signal)
        await change(signal.inbox);
      return !!signal;
    } catch {
      this.#changeFailed = signal === this.signal;
      this.#report("");
      return false;
    }
  }
  async #archive(id) {
    const done = this.#change((inbox) => inbox.archive(id));
    this.#report(this.language.texts.archived, () => {
      void done.then(() => this.#change((inbox) => inbox.unarchive(id)));
      this.#panel.focus();
    });
    await done;
  }
  async #markAllRead() {
    if (!this.signal?.inbox.snapshot.unread)
      return;
    if (await this.#change((inbox) => inbox.markAllRead()))
      this.#report(this.language.texts.allRead);
  }
  async #loadMore() {
    const { signal } = this;
    if (!signal || this.#loading)
      return;
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
  #remedy() {
    const remedy = this.#condition?.trouble?.remedy;
    if (remedy)
      this.signal?.[remedy]();
  }
};

// packages/inbox/dist/arrivals.js
var mostWaiting = 200;
var Arrivals = class {
  #options;
  #waiting = [];
  #timer;
  constructor(options) {
    this.#options = options;
  }
  add(notification) {
    this.#waiting.push(notification);
    if (this.#waiting.length > mostWaiting)
      this.#waiting.shift();
    this.look();
  }
  /** The delay may have changed: the tab is looked at, or is not any more. */
  look() {
    const delay = this.#options.delay();
    if (this.#timer !== void 0 || delay === void 0 || this.#waiting.length === 0)
      return;
    this.#timer = setTimeout(() => {
      this.#timer = void 0;
      void this.#claim();
    }, delay);
  }
  end() {
    clearTimeout(this.#timer);
    this.#timer = void 0;
    this.#waiting = [];
  }
  async #claim() {
    if (this.#options.delay() === void 0)
      return;
    const waiting = this.#waiting.splice(0);
    const won = await this.#options.claim(waiting.map(({ id }) => id));
    const mine = waiting.filter(({ id }) => won.has(id));
    if (mine.length > 0)
      this.#options.show(mine);
  }
};

// packages/inbox/dist/attention.js
var soundEveryMs = 2e3;
var soundedAt = -Infinity;
var context;
function sound(file) {
  const now = performance.now();
  if (now - soundedAt < soundEveryMs || navigator.userActivation?.hasBeenActive === false)
    return;
  soundedAt = now;
  if (file)
    return void new Audio(file).play().catch((cause) => console.warn(`no sound from ${file}: ${cause}`));
  context ??= new AudioContext();
  void context.resume();
  const tone = context.createOscillator();
  const volume = context.createGain();
  const start = context.currentTime;
  tone.frequency.setValueAtTime(660, start);
  tone.frequency.setValueAtTime(880, start + 0.12);
  volume.gain.setValueAtTime(0.15, start);
  volume.gain.exponentialRampToValueAtTime(1e-3, start + 0.45);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(start + 0.45);
}
var isPermitted = () => globalThis.Notification?.permission === "granted";
var requestPermission = async () => globalThis.Notification ? Notification.requestPermission() : "unsupported";
function notify({ id, title, body }, onSelect) {
  try {
    const shown = new Notification(title, { body: body ?? "", tag: id, dir: "auto" });
    shown.onclick = () => {
      window.focus();
      shown.close();
      onSelect();
    };
    return true;
  } catch {
    return false;
  }
}

// packages/inbox/dist/claims.js
var mostIds = 2e3;
var store = "shown";
var answered = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
var Claims = class {
  #database;
  #leads;
  #here = /* @__PURE__ */ new Set();
  // without IndexedDB
  /** `leads`: this tab is the one that may show something where the browser forbids IndexedDB. */
  constructor(name, leads) {
    this.#leads = leads;
    this.#database = this.#open(`${name} toasts`);
    this.#database.catch(() => void 0);
  }
  /** Those of `ids` that no tab has claimed before; they are this tab's now. */
  async claim(ids) {
    const won = /* @__PURE__ */ new Set();
    try {
      const transaction = (await this.#database).transaction(store, "readwrite");
      const shown = transaction.objectStore(store);
      for (const id of ids) {
        const request = shown.add(1, id);
        request.onsuccess = () => won.add(id);
        request.onerror = (event) => {
          event.preventDefault();
          event.stopPropagation();
        };
      }
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      await Promise.all([done, this.#prune(shown)]);
      return won;
    } catch {
      return this.#claimHere(ids);
    }
  }
  async end() {
    await this.#database.then((database) => database.close()).catch(() => void 0);
  }
  async #open(name) {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    return answered(request);
  }
  async #prune(shown) {
    const count = await answered(shown.count());
    if (count <= mostIds)
      return;
    const keys = await answered(shown.getAllKeys(null, count - mostIds / 2));
    await answered(shown.delete(IDBKeyRange.upperBound(keys.at(-1))));
  }
  #claimHere(ids) {
    const won = new Set(this.#leads() ? ids.filter((id) => !this.#here.has(id)) : []);
    for (const id of won)
      this.#here.add(id);
    return won;
  }
};

// packages/inbox/dist/toast.js
var Toast = class {
  notification;
  element;
  /** Milliseconds that it is still shown. */
  left;
  constructor(notification, texts, duration, orders) {
    const { title, body } = notification;
    this.notification = notification;
    this.left = duration;
    this.element = h("div", { part: "toast", class: "toast" }, button({ part: "toast-title", class: "title" }, () => orders.select(this), h("span", { dir: "auto" }, title)), button({ part: "toast-close", class: "round", "aria-label": `${texts.close}: ${title}`, title: texts.close }, () => orders.close(this), icon(icons.close)));
    if (body)
      this.element.append(h("p", { part: "toast-body", class: "body", dir: "auto" }, body));
  }
  get hasFocus() {
    return this.element.matches(":focus-within");
  }
  focus() {
    this.element.querySelector("button").focus();
  }
};

// packages/inbox/dist/toasts_css.js
var toastsCss = `${theme}
:host{position:fixed;z-index:var(--signal-z,2147483000);inset-block-end:1rem;inset-inline-end:1rem;
width:min(22rem,calc(100vw - 2rem));display:block;pointer-events:none;color:var(--_text);line-height:1.4;
text-align:start}
section{display:flex;flex-direction:column;gap:.6rem}
.toast,.more{pointer-events:auto;position:relative;border:1px solid var(--_border);border-radius:var(--_radius);
background:var(--_background);box-shadow:var(--_shadow)}
.toast{display:grid;grid-template-columns:1fr auto;gap:.15rem .5rem;padding-block:.75rem;padding-inline:1rem .5rem;
border-inline-start:4px solid var(--_accent)}
.title{padding:0;text-align:start;font-weight:600;overflow-wrap:anywhere}
.title::after{content:"";position:absolute;inset:0;border-radius:inherit}
.title:focus-visible{outline-offset:2px}
.title span,.body{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
.body{grid-column:1/-1;padding-inline-end:.5rem;color:var(--_muted);font-size:.9em;overflow-wrap:anywhere}
.round{position:relative;align-self:start;margin-block:-.2rem;color:var(--_muted)}
.more{align-self:center;padding:.3rem .9rem;border-radius:2rem;font-size:.875em}
@media(prefers-reduced-motion:no-preference){.toast{animation:in .2s ease-out}
@keyframes in{from{opacity:0;transform:translateY(.5rem)}}}
`;

// packages/inbox/dist/toasts_element.js
var delays = { focused: 100, visible: 250, hidden: 600 };
var tickMs = 250;
var SignalToasts = class extends SignalElement {
  static observedAttributes = ["lang"];
  #more = h("div", { part: "more", class: "more", dir: "auto" });
  #stack = h("section", { keydown: (event) => this.#key(event) }, this.#more);
  #spoken = h("div", { role: "status", class: "hidden" });
  #toasts = [];
  // the oldest first
  #uncounted = 0;
  // notifications that have no toast, only a number
  #clock;
  #before = null;
  // had the focus before a toast
  #orders = {
    select: (toast) => {
      this.#select(toast.notification);
      this.#remove(toast);
    },
    close: (toast) => this.#remove(toast)
  };
  constructor() {
    super(toastsCss);
    this.root.append(this.#stack, this.#spoken);
    this.addEventListener("focusin", ({ relatedTarget }) => {
      this.#before = relatedTarget ?? this.#before;
    });
  }
  attributeChangedCallback() {
    this.schedule();
  }
  /** Asks the user for the permission that `system` needs; call it from a click. */
  requestPermission() {
    return requestPermission();
  }
  follow(signal) {
    const claims = new Claims(signal.name, () => signal.leading);
    const ends = new AbortController();
    const arrivals = new Arrivals({
      delay: () => this.#delay(signal),
      claim: (ids) => claims.claim(ids),
      show: (notifications2) => {
        if (!ends.signal.aborted)
          this.#show(notifications2);
      }
    });
    const look = () => arrivals.look();
    document.addEventListener("visibilitychange", look, ends);
    addEventListener("focus", look, ends);
    return [
      signal.on("notification", ({ notification }) => {
        if (!notification.readAt)
          arrivals.add(notification);
      }),
      () => {
        ends.abort();
        arrivals.end();
        void claims.end();
        for (const toast of this.#toasts.splice(0))
          toast.element.remove();
        this.#settle();
      }
    ];
  }
  render() {
    const { texts } = this.language;
    set(this.#stack, "role", this.#toasts.length ? "region" : null);
    set(this.#stack, "aria-label", this.#toasts.length ? texts.title : null);
    this.#more.hidden = !this.#uncounted;
    say(this.#more, texts.more(this.#uncounted));
  }
  /** A hidden tab waits until it is looked at, unless the system can show something for it. */
  #delay(signal) {
    if (document.visibilityState === "visible")
      return document.hasFocus() ? delays.focused : delays.visible;
    return this.hasAttribute("system") && isPermitted() && signal.leading ? delays.hidden : void 0;
  }
  #number(name, otherwise) {
    const said = Number.parseFloat(this.getAttribute(name) ?? "");
    return said >= 0 ? said : otherwise;
  }
  #show(notifications2) {
    const { texts } = this.language;
    const most = Math.max(1, Math.floor(this.#number("max", 3)));
    const newest = notifications2.slice(-most);
    const others = notifications2.length - newest.length;
    const file = this.getAttribute("sound");
    if (file !== null)
      sound(file);
    if (document.visibilityState !== "visible" && this.#notify(newest, others))
      return;
    this.#uncounted += others;
    for (const notification of newest)
      this.#add(notification, most);
    const titles = newest.map(({ title, body }) => body ? `${title}. ${body}` : title);
    this.#spoken.replaceChildren(h("p", {}, [...titles, ...others ? [texts.more(others)] : []].join(". ")));
    this.#settle();
  }
  /** False when the system shows none of it. */
  #notify(newest, others) {
    const shown = newest.filter((one) => notify(one, () => this.#select(one)));
    const { texts } = this.language;
    if (shown.length && others)
      notify({ id: "more", title: texts.more(others), body: null }, () => void 0);
    return shown.length > 0;
  }
  #add(notification, most) {
    if (this.#toasts.length >= most) {
      ++this.#uncounted;
      if (this.#isHeld())
        return;
      this.#toasts.shift().element.remove();
    }
    const duration = this.#number("duration", 8e3) || Infinity;
    const toast = new Toast(notification, this.language.texts, duration, this.#orders);
    this.#toasts.push(toast);
    this.#stack.append(toast.element);
  }
  #select(notification) {
    if (!this.choose(notification))
      return;
    this.signal?.inbox.markRead(notification.id).catch(() => void 0);
  }
  #remove(toast) {
    const { hasFocus } = toast;
    const n = this.#toasts.indexOf(toast);
    if (n >= 0)
      this.#toasts.splice(n, 1);
    const next = this.#toasts[Math.min(n, this.#toasts.length - 1)];
    if (hasFocus && next)
      next.focus();
    else if (hasFocus)
      this.#before?.focus();
    toast.element.remove();
    this.#settle();
  }
  /** Time passes while there are toasts. */
  #settle() {
    if (this.#toasts.length === 0) {
      clearInterval(this.#clock);
      this.#clock = void 0;
      this.#uncounted = 0;
      this.#before = null;
      say(this.#spoken, "");
    } else
      this.#clock ??= setInterval(() => this.#tick(), tickMs);
    this.schedule();
  }
  #isHeld() {
    return this.#stack.matches(":hover, :focus-within");
  }
  #tick() {
    if (document.visibilityState !== "visible" || this.#isHeld())
      return;
    for (const toast of [...this.#toasts])
      if ((toast.left -= tickMs) <= 0)
        this.#remove(toast);
  }
  #key(event) {
    const toast = this.#toasts.find(({ hasFocus }) => hasFocus);
    if (event.key !== "Escape" || !toast)
      return;
    event.preventDefault();
    event.stopPropagation();
    this.#remove(toast);
  }
};

// packages/inbox/dist/index.js
var registry = globalThis.customElements;
if (!registry?.get("signal-inbox"))
  registry?.define("signal-inbox", SignalInbox);
if (!registry?.get("signal-toasts"))
  registry?.define("signal-toasts", SignalToasts);
export {
  SignalInbox,
  SignalToasts,
  english,
  vietnamese
};
