import type { Texts } from "./texts.js";

const notifications = (count: number, what = "") => `${count} ${what}notification${count === 1 ? "" : "s"}`;

export const english: Texts = {
  title: "Notifications",
  bell: (unread) => (unread ? `Notifications, ${unread} unread` : "Notifications"),
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
    change: "The change could not be saved, so it was undone.",
  },
};
