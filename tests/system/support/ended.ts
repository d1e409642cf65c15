// A child process run to its end.

type Piped = { stdout: ReadableStream; stderr: ReadableStream; exited: Promise<number> };

/** Its exit code and what it printed; both outputs are read while it runs, so that neither can fill its pipe. */
export async function ended(child: Piped): Promise<{ code: number; out: string; error: string }> {
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, error };
}
