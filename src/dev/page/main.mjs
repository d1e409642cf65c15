// Composes the page. ?people= selects the users, so that a second tab can show the same ones.
import { getInfo } from "./api.mjs";
import { FrameList } from "./frame_list.mjs";
import { showLines } from "./lines.mjs";
import { Payment } from "./payment.mjs";
import { Person } from "./person.mjs";
import "./signal_inbox.mjs";

const seats = 3;

const cards = document.getElementById("cards");
const info = await getInfo().catch((error) => {
  cards.textContent = `nx-signal does not answer: ${error.message}. Is it still running?`;
  throw error;
});
const frames = new FrameList();
const payment = new Payment(info);
showLines(info);

const asked = new URLSearchParams(location.search).get("people")?.split(",") ?? [];
const shown = Array.from({ length: seats }, (_, slot) => {
  const user = info.users.find(({ id }) => id === asked[slot]) ?? info.users[(slot * 2) % info.users.length];
  return user.id;
});

await Promise.all(
  shown.map((userId, slot) => {
    const person = new Person({
      slot,
      users: info.users,
      streamPath: new URL(info.stream).pathname,
      on: {
        frame: ({ name }, frame) => frames.add(name, slot, frame),
        shown: ({ id }, { key }) => payment.shown(id, key),
        chosen: (at, id) => {
          shown[at] = id;
          const url = new URL(location.href);
          url.search = `?people=${shown.map(encodeURIComponent).join(",")}`;
          history.replaceState(null, "", url);
        },
      },
    });
    cards.append(person.root);
    person.become(userId);
    return person.connected;
  }),
);
payment.offer();
