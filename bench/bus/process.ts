// What the kernel says of a process.
import { readdirSync, readFileSync } from "node:fs";

export type Figures = { rssKiB: number; descriptors: number; threads: number };

export function figures(pid: number): Figures {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
  return { rssKiB: field("VmRSS"), descriptors: readdirSync(`/proc/${pid}/fd`).length, threads: field("Threads") };
}

/** The median of each over `samples` seconds: a scrape or a query in flight holds a descriptor for a moment. */
export async function steadyFigures(pids: number[], samples: number): Promise<Figures[]> {
  const seen: Figures[][] = [];
  for (let n = 0; n < samples; ++n) {
    if (n > 0) await Bun.sleep(1_000);
    seen.push(pids.map(figures));
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  return pids.map((_, n) => ({
    rssKiB: median(seen.map((one) => one[n]!.rssKiB)),
    descriptors: median(seen.map((one) => one[n]!.descriptors)),
    threads: median(seen.map((one) => one[n]!.threads)),
  }));
}

/** Seconds of CPU that a process has used, in user and kernel. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100; // USER_HZ is 100 on every Linux that we build for
}
