// The page of the browser: address, user and tokens come from the backend of the page.
import { mount } from "./admin.jsx";

async function ask(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}
const { url, user } = await (await ask("/config")).json();
mount(document.getElementById("admin"), { url, user, pageSize: 10, token: async () => (await ask("/token")).text() });
