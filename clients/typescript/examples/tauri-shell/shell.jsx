// The web part of a Tauri shell: the same admin. Address, user and tokens come from commands of the shell, or, where
// there is no shell around the page, from the backend of the page.
import { mount } from "../react-admin/admin.jsx";

const invoke =
  globalThis.__TAURI__?.core.invoke ??
  (async (command) => {
    const answer = await fetch(`/${command}`);
    if (!answer.ok) throw new Error(await answer.text());
    return command === "config" ? answer.json() : answer.text();
  });

const { url, user } = await invoke("config");
mount(document.getElementById("admin"), { url, user, pageSize: 10, token: () => invoke("token") });
