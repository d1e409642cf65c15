// The operators' page: signs in, shows one view at a time, and polls the instances.
import { Api } from "./api.mjs";
import { Charts } from "./charts.mjs";
import { Connections } from "./connections.mjs";
import { DeadLetters } from "./dead_letters.mjs";
import { byId, setText } from "./elements.mjs";
import { Explain } from "./explain.mjs";
import { Instances } from "./instances.mjs";
import { Poll } from "./poll.mjs";
import { TestPush } from "./test_push.mjs";

const tokenForm = /^[\w.~+/=-]+$/; // what a header can carry as a bearer token

const api = new Api((reason) => signOut(reason));
const instances = new Instances();
const charts = new Charts();
const connections = new Connections(api);
const explain = new Explain(api);
const testPush = new TestPush(api);
const deadLetters = new DeadLetters(api);
const poll = new Poll(api, {
  answer: (list) => {
    instances.show(list);
    charts.add(list.instances);
    setText(byId("poll-problem"), "");
  },
  problem: (text) => setText(byId("poll-problem"), text),
});

/** The question that a view asks when it is opened. */
const views = {
  instances: () => undefined,
  connections: () => connections.load(),
  explain: () => undefined,
  "test-push": () => undefined,
  "dead-letters": () => deadLetters.load(),
};

function showView() {
  const asked = location.hash.slice(1);
  const name = Object.hasOwn(views, asked) ? asked : "instances";
  for (const one of Object.keys(views)) {
    byId(`view-${one}`).hidden = one !== name;
    const link = document.querySelector(`nav a[href="#${one}"]`);
    if (one === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (api.token) void views[name]();
}

function show(signedIn) {
  byId("signed-out").hidden = signedIn;
  byId("signed-in").hidden = !signedIn;
  byId("sign-out").hidden = !signedIn;
}

/** The answer to the first question shows whether the token is good. */
async function signIn() {
  try {
    const { body } = await api.ask("/v1/operators/instances");
    show(true);
    poll.start(body);
    showView();
  } catch (error) {
    if (api.token) signOut(error.message); // otherwise the server has refused the token, and it is said already
  }
}

/** Forgets the token and everything that was read with it. */
function signOut(reason) {
  api.signOut();
  poll.stop();
  for (const part of [instances, charts, connections, explain, testPush, deadLetters]) part.clear();
  if (byId("confirm").open) byId("confirm").close("no");
  byId("token").value = "";
  byId("sign-in-problem").textContent = reason;
  show(false);
  byId("token").focus();
}

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = byId("token")
    .value.trim()
    .replace(/^Bearer\s+/i, "");
  byId("token").value = "";
  byId("sign-in-problem").textContent = "";
  if (!tokenForm.test(token)) {
    byId("sign-in-problem").textContent = token === "" ? "The token is missing." : "This is no token.";
    return;
  }
  api.signIn(token);
  void signIn();
});
byId("sign-out").addEventListener("click", () => signOut(""));
addEventListener("hashchange", showView);

show(false);
if (api.token) void signIn();
else byId("token").focus();
