// The size that an app pays for the client: bundled, minified, gzipped. Prints it, and fails above the bound.   node
// size.mjs
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const most = 7 * 1024;
const entry = fileURLToPath(new URL("packages/client/dist/index.js", import.meta.url));
const {
  outputFiles: [{ contents }],
} = await build({ entryPoints: [entry], bundle: true, minify: true, format: "esm", target: "es2022", write: false });
const size = gzipSync(contents, { level: 9 }).length;
console.log(`client: size: ${size} bytes of at most ${most}, minified and gzipped (${contents.length} minified)`);
process.exit(size <= most ? 0 : 1);
