// The configurations and settings that docs/proxies prints: a test runs what stands on the page, with its own ports,
// files and lengths of time.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The text of the block of a page whose fence names `file`: ```nginx /etc/nginx/nginx.conf */
export function printed(page: string, file: string): string {
  const text = readFileSync(resolve(import.meta.dir, "../../../docs", page), "utf8");
  const blocks = [...text.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)].filter((block) => block[1] === file);
  if (blocks.length !== 1) throw new Error(`docs/${page} prints ${file} ${blocks.length} times`);
  return blocks[0]![2]!;
}

/** `given` replaces the printed text everywhere; a text that the page does not print is an error. */
export function filled(text: string, given: [printed: string, given: string][]): string {
  for (const [before, after] of given) {
    if (!text.includes(before)) throw new Error(`the page does not print ${JSON.stringify(before)}`);
    text = text.replaceAll(before, after);
  }
  return text;
}

/** Lengths of time as the page prints them (`timeout tunnel 75s`), divided by `divisor`; `unit` is one that the
 *  proxy reads. */
export function shortened(text: string, times: string[], divisor: number, unit: "s" | "ms"): string {
  const short = (seconds: string) =>
    unit === "s" ? `${Number(seconds) / divisor}s` : `${Math.round((Number(seconds) * 1000) / divisor)}ms`;
  return filled(
    text,
    times.map((time) => [time, time.replace(/(\d+)s$/, (_, seconds) => short(seconds))]),
  );
}
