// What bystanders feel of their neighbours, at full length; see script/neighbours.
//   neighbours.ts SECONDS MEMBERS [ROW…], in tests/stack/with
import { Instance } from "../tests/system/harness/instance";
import { percentile } from "../tests/system/neighbours/bystanders";
import { run } from "../tests/system/neighbours/suite";

const [seconds, members] = process.argv.slice(2, 4).map(Number) as [number, number];
const goals = { frames: 250, answers: 150 }; // ms, 99 of 100; or three times as long as without a neighbour
const judged = seconds >= 30; // a shorter run shows that it runs

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => void Instance.endAll().then(() => process.exit(130)));
let failed = false;
try {
  const rows = await run(
    { users: 200, messagesASecond: 50, requestsASecond: 20 },
    { members, shared: Math.ceil(members / 10), rooms: 2_000, poisonASecond: 2_000, seconds },
    process.argv.slice(4),
  );
  const quiet = rows[0]!.figures;
  let missed = 0;
  for (const { name, figures } of rows.slice(1)) {
    const slow = (["frames", "answers"] as const).filter(
      (what) => percentile(figures[what], 0.99) > Math.max(goals[what], 3 * percentile(quiet[what], 0.99)),
    );
    const wrong = [
      ...slow.map((what) => (what === "frames" ? "record to frame" : "REST")),
      ...(figures.unavailable > 0 ? ["503"] : []),
      ...(figures.unheard > 0 ? ["unheard"] : []),
    ];
    if (wrong.length > 0) {
      ++missed;
      console.log(`neighbours: ${name}: goal missed: ${wrong.join(", ")}`);
    }
  }
  console.log(
    `neighbours: ${rows.length - 1} rows, ${missed} miss a goal (99 of 100 within ${goals.frames} and ` +
      `${goals.answers} ms or 3 x the quiet time's, no 503, nothing unheard)`,
  );
  failed = judged && missed > 0;
} catch (error) {
  console.error(`neighbours: ${error}`);
  failed = true;
} finally {
  await Instance.endAll();
}
process.exit(failed ? 1 : 0); // servers of the stack's own would keep it
