// A command of the program, run to its end with an environment of its own.
import { ended } from "./ended";
import { bareEnvironment, binary, patience } from "./signal";

export async function command(
  words: string[],
  env: Record<string, string> = {},
  options: { input?: string; timeoutMs?: number } = {},
): Promise<{ code: number; out: string; err: string; seconds: number }> {
  const began = performance.now();
  const child = Bun.spawn([binary, ...words], {
    env: { ...bareEnvironment, ...env },
    stdin: options.input === undefined ? "ignore" : new Blob([options.input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), (options.timeoutMs ?? 60_000) * patience);
  const { code, out, error } = await ended(child);
  clearTimeout(timer);
  return { code, out, err: error, seconds: (performance.now() - began) / 1000 };
}
