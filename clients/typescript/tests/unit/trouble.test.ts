// The sentence that the panel shows in each situation, and the languages that have it.
import { expect, test } from "bun:test";
import { textsOf } from "../../packages/inbox/src/texts";
import { troubleOf, type Circumstances } from "../../packages/inbox/src/trouble";

const inOrder: Circumstances = { status: { state: "live" }, late: false, error: undefined, secure: true };
const stopped = (code: number) => ({ state: "stopped" as const, closed: { code, reason: "" } });
const waiting = { state: "waiting" as const, closed: { code: 1006, reason: "" } };

for (const [what, circumstances, problem, remedy] of [
  ["a live connection", {}, undefined, undefined],
  ["a connection that is lost for a moment", { status: waiting }, undefined, undefined],
  ["a connection that stays lost", { status: waiting, late: true }, "offline", "wake"],
  ["a token provider that fails", { status: { state: "waiting" }, late: true, error: "token" }, "token", "wake"],
  ["another device that took over", { status: stopped(4008), late: true }, "replaced", "start"],
  ["an operator who disconnected the user", { status: stopped(4009), late: true }, "disconnected", "start"],
  ["a new token that was refused", { status: stopped(4003) }, "refused", "start"],
  ["a token of another user", { status: { state: "stopped" }, error: "user" }, "user", undefined],
  ["rows that cannot be read", { error: "rest" }, "unavailable", "wake"],
  ["a page on http://", { status: { state: "stopped" }, late: true, secure: false }, "insecure", undefined],
  ["the same without rows", { status: { state: "stopped" }, error: "rest", secure: false }, "unavailable", "wake"],
  ["an app that has stopped the client", { status: { state: "stopped" }, late: true }, undefined, undefined],
] as [string, Partial<Circumstances>, string | undefined, string | undefined][])
  test(`${what}: ${problem ?? "nothing is shown"}`, () => {
    const trouble = troubleOf({ ...inOrder, ...circumstances });
    expect([trouble?.problem, trouble?.remedy]).toEqual([problem as never, remedy as never]);
  });

/** Every text of a language, with its place. */
function allOf(texts: object, place = ""): [string, string][] {
  return Object.entries(texts).flatMap(([name, text]) => {
    if (typeof text === "object") return allOf(text, `${place}${name}.`);
    return [[place + name, typeof text === "function" ? text(place === "bell" ? "3" : 3) : text]] as [string, string][];
  });
}

test("each language has each text, and Vietnamese has none of the English ones", () => {
  const english = allOf(textsOf("en-GB", {}));
  const vietnamese = new Map(allOf(textsOf("vi", {})));
  expect(english.length).toBe(vietnamese.size);
  expect(english.length).toBeGreaterThan(25);
  for (const [place, text] of english) {
    expect(text.trim()).not.toBe("");
    expect(vietnamese.get(place)?.trim()).toBeTruthy();
    expect(vietnamese.get(place)).not.toBe(text);
  }
});

test("a language that is not included has English texts, and own texts replace single ones", () => {
  const texts = textsOf("fr", { title: "Messages", problems: { offline: "Hors ligne" } });
  expect([texts.title, texts.close, texts.problems.offline]).toEqual(["Messages", "Close", "Hors ligne"]);
  expect(texts.problems.user).toBe(textsOf("en", {}).problems.user);
});
