// Clients in a process of their own: descriptors are bounded a process. Answers its parent's questions in their order,
// and ends with it.   See crowd.ts
import { Audience } from "./pushes";
import type { Answers, Question } from "./crowd";
import { connectAll, Till } from "./till";

let audience: Audience;

async function answer(question: Question): Promise<Answers[keyof Answers]> {
  if (question.ask === "connect") {
    const tills = question.members.map((member) => new Till(member.user));
    await connectAll(
      tills,
      (_, n) => question.members[n]!.url,
      async (user) => question.tokens[user]!,
    );
    audience = new Audience(tills, new Map(), 1);
    return { ids: tills.map((till) => till.id) };
  }
  if (question.ask === "expect") {
    question.entries.forEach((entries, n) => {
      for (const entry of entries) audience.ledgers.get(audience.tills[n]!)!.expect(0, entry);
    });
    return {};
  }
  return {
    open: audience.sum((one) => one.open),
    wrong: audience.sum((one) => one.unordered + one.surplus),
    closed: audience.closed(),
  };
}

process.on("disconnect", () => process.exit(0));
process.on("message", async (question: Question) => {
  try {
    process.send!(await answer(question));
  } catch (error) {
    process.send!({ error: String(error) });
  }
});
