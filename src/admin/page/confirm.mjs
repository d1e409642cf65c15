// Asks before something is done that cannot be undone.
import { byId } from "./elements.mjs";

const dialog = byId("confirm");
byId("confirm-no").addEventListener("click", () => dialog.close("no"));
byId("confirm-yes").addEventListener("click", () => dialog.close("yes"));

/** Resolves to true when the operator agrees. Escape and Cancel are false. `action`: the text of the button. */
export function confirmed({ title, text, action }) {
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  byId("confirm-yes").textContent = action;
  dialog.returnValue = "no";
  dialog.showModal();
  byId("confirm-no").focus();
  return new Promise((answered) => {
    dialog.addEventListener("close", () => answered(dialog.returnValue === "yes"), { once: true });
  });
}
