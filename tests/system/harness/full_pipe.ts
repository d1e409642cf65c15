// A pipe that is full from the start and that nobody reads: what a log shipper that hangs looks like to its writer.
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class FullPipe {
  private readonly folder = mkdtempSync(join(tmpdir(), "signal-pipe-"));
  private readonly reader: number;
  readonly writer: number; // a descriptor that blocks, for a process to write to
  private filling = 0;

  constructor() {
    const path = join(this.folder, "pipe");
    execFileSync("mkfifo", [path]);
    this.reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.writer = openSync(path, constants.O_WRONLY);
    const dots = Buffer.alloc(4096, ".");
    try {
      for (;;) this.filling += writeSync(this.reader, dots);
    } catch {
      /* EAGAIN: full */
    }
  }

  /** What is there now, without the filling; from here on there is room. */
  read(): string {
    let text = "";
    const chunk = Buffer.alloc(65536);
    try {
      for (;;) text += chunk.toString("utf8", 0, readSync(this.reader, chunk));
    } catch {
      /* EAGAIN: empty */
    }
    const skipped = Math.min(this.filling, text.length);
    this.filling -= skipped;
    return text.slice(skipped);
  }

  end() {
    closeSync(this.reader);
    closeSync(this.writer);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
