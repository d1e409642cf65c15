// WebKitGTK, as a Tauri shell on Linux has it: MiniBrowser of libwebkit2gtk-4.1, driven by Debian's webkit2gtk-driver,
// on a screen of Xvfb.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, type WebDriver } from "selenium-webdriver";
import { freePorts } from "../../../../tests/system/harness/free_ports";
import { readLines } from "../../../../tests/system/harness/lines";
import { eventually } from "../../../../tests/system/harness/patience";

export const hasWebKit = (): boolean => ["WebKitWebDriver", "Xvfb"].every((name) => Bun.which(name));

/** Of Debian's architecture, whichever that is. */
function miniBrowser(): string {
  for (const folder of readdirSync("/usr/lib"))
    try {
      const own = `/usr/lib/${folder}/webkit2gtk-4.1`;
      if (readdirSync(own).includes("MiniBrowser")) return `${own}/MiniBrowser`;
    } catch {
      /* another folder */
    }
  throw new Error("there is no MiniBrowser of webkit2gtk-4.1: script/packages browsers");
}

/** Xvfb chooses the number of its screen. */
async function screen() {
  const child = Bun.spawn(["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const numbers: string[] = [];
  void readLines(child.stdout, (line) => numbers.push(line));
  await eventually(() => numbers.length > 0, 10_000, "the number of the screen of Xvfb");
  return { child, display: `:${numbers[0]}` };
}

export async function launchWebKit(): Promise<{ driver: WebDriver; name: string; end(): Promise<void> }> {
  const { child: xvfb, display } = await screen();
  const home = mkdtempSync(join(tmpdir(), "signal-webkit-"));
  const [port] = await freePorts(1);
  const server = Bun.spawn(["WebKitWebDriver", `--port=${port}`, "--host=127.0.0.1"], {
    env: {
      PATH: process.env.PATH!,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      DISPLAY: display,
      GDK_BACKEND: "x11",
      LANG: "C",
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const endPrograms = async () => {
    for (const one of [server, xvfb]) {
      one.kill();
      await one.exited;
    }
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await eventually(async () => (await fetch(`${url}/status`)).ok, 10_000, "WebKitWebDriver");
    const driver = await new Builder()
      .usingServer(url)
      .withCapabilities({
        browserName: "MiniBrowser",
        "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
      } as never)
      .build();
    const version = (await driver.getCapabilities()).get("browserVersion");
    return {
      driver,
      name: `WebKitGTK ${version}`,
      async end() {
        await driver.quit().catch(() => undefined); // a browser that has crashed
        await endPrograms();
      },
    };
  } catch (error) {
    await endPrograms();
    throw error;
  }
}
