// Commands to paste into a shell, with copy buttons.
export function showLines({ lines, broker }) {
  document.getElementById("broker").textContent = ` and its Kafka broker at ${broker}`;
  const copied = document.getElementById("copied");
  document.getElementById("lines").append(
    ...lines.map(({ name, purpose, command }) => {
      const item = document.createElement("li");
      const head = document.createElement("div");
      head.className = "row";
      const label = document.createElement("h3");
      label.textContent = purpose;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet small";
      button.textContent = "Copy";
      button.setAttribute("aria-label", `Copy the ${name} command`);
      button.dataset.testid = `copy-${name}`;
      const code = document.createElement("pre");
      code.textContent = command;
      code.tabIndex = 0;
      code.setAttribute("role", "group");
      code.setAttribute("aria-label", `The ${name} command`);
      code.dataset.testid = `line-${name}`;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(command);
          button.textContent = "Copied";
          copied.textContent = `${name} command copied`;
        } catch {
          getSelection().selectAllChildren(code); // no clipboard: select it for Ctrl-C
          button.textContent = "Selected";
          copied.textContent = `${name} command selected`;
        }
        setTimeout(() => {
          button.textContent = "Copy";
        }, 2_000);
      });
      head.append(label, button);
      item.append(head, code);
      return item;
    }),
  );
}
