// The size that an app pays for the client, and for the inbox beside it: bundled, minified, gzipped. Prints both, and
// fails above a bound.   node size.mjs
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const most = { client: 7 * 1024, inbox: 14 * 1024 };
for (const [name, bound] of Object.entries(most)) {
  const {
    outputFiles: [{ contents }],
  } = await build({
    entryPoints: [fileURLToPath(new URL(`packages/${name}/dist/index.js`, import.meta.url))],
    external: ["@nx-signal/client"],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const size = gzipSync(contents, { level: 9 }).length;
  console.log(
    `client: size: ${name} ${size} bytes of at most ${bound}, minified and gzipped (${contents.length} minified)`,
  );
  if (size > bound) process.exitCode = 1;
}
