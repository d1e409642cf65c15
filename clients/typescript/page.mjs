// Bundles the client and the inbox for the page of `nx-signal dev`, which is built without npm: src/dev/generated.
//   node page.mjs [check]     check: writes nothing, and exit 1 when a file is not what would be written
// Both fail when a module is larger than what the build of the program embeds.
// After build.mjs. Readable, because whoever looks at the page may read its scripts in the browser.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(here, "../../src/dev/generated");
const embedding = "cmake/embed.cmake";
/** In bytes. */
const [, most] = /length GREATER (\d+)/.exec(readFileSync(resolve(here, "../..", embedding), "utf8"));

async function bundled(name) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [`packages/${name}/dist/index.js`],
    external: ["@nx-signal/client"],
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    write: false,
    banner: {
      js:
        `// Made by script/client page from @nx-signal/${name} (clients/typescript/packages/${name}): change that.\n` +
        "// MIT licence, see LICENSE.",
    },
  });
  return outputFiles[0].text;
}

const read = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

for (const name of ["client", "inbox"]) {
  const file = `${folder}/signal_${name}.mjs`;
  const text = await bundled(name);
  const size = Buffer.byteLength(text);
  if (size > Number(most)) {
    console.error(
      `client: src/dev/generated/signal_${name}.mjs would have ${size} bytes; ${embedding} embeds at most ${most}: ` +
        "let clients/typescript/page.mjs write it as two modules, or without spaces and comments (`minifyWhitespace`)",
    );
    process.exitCode = 1;
  }
  if (process.argv[2] !== "check") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    console.log(`client: wrote src/dev/generated/signal_${name}.mjs, ${size} bytes of at most ${most}`);
  } else if (read(file) !== text) {
    console.error(`client: src/dev/generated/signal_${name}.mjs is not what \`script/client page\` writes: run it`);
    process.exitCode = 1;
  }
}
