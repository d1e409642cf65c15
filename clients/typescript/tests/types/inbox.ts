// The promises of the types of `@nx-signal/inbox`: the compiler reads this, nothing runs it.
import { createSignal, type Notification } from "@nx-signal/client";
import { english, vietnamese, type InboxAction, type OwnTexts, type Texts } from "@nx-signal/inbox";

interface Topics {
  "sale/order/paid": { id: string };
}
const signal = createSignal<Topics>({ url: "https://signal.example", user: 5, token: () => "t" });

const bell = document.querySelector("signal-inbox")!;
// A client with topics of its own fits.
bell.signal = signal;
bell.signal = null;
bell.open = true;
bell.actions = ({ title, data }) => [
  { label: title, run: (one) => void one.id },
  { label: "Open", href: String(data) },
];
// @ts-expect-error an action without a label
bell.actions = () => [{ run: () => undefined }];
const texts: OwnTexts = { title: "Messages", problems: { offline: "No line" } };
bell.texts = texts;
// @ts-expect-error a text that there is not
bell.texts = { headline: "Messages" };
const whole: Texts[] = [english, { ...vietnamese, bell: (unread) => `${unread}` }];

bell.addEventListener("signal-select", ({ detail }) => {
  const row: Notification = detail;
  void row;
});
document.addEventListener("signal-toggle", ({ detail }) => {
  const open: boolean = detail.open;
  void open;
});
const toasts = document.createElement("signal-toasts");
toasts.signal = signal;
toasts.requestPermission().then((answer) => {
  const isGranted: boolean = answer === "granted" || answer === "unsupported";
  return isGranted;
});
// @ts-expect-error toasts have no actions
toasts.actions = () => [];
const action: InboxAction = { label: "Print" };
void [whole, action];
