// Builds the packages: `node build.mjs`. Types come from contracts/types.ts, the validator from the one JSON Schema.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const contracts = resolve(here, "../../contracts");
// `inbox` is compiled against the types of `client`.
const packages = ["client", "producer", "inbox"];

for (const one of packages) rmSync(`${here}/packages/${one}/dist`, { recursive: true, force: true });
for (const one of ["client", "producer"]) {
  mkdirSync(`${here}/packages/${one}/src/generated`, { recursive: true });
  copyFileSync(`${contracts}/types.ts`, `${here}/packages/${one}/src/generated/contract.ts`);
}

// Code in place of a library: what it needs of `ajv` is bundled into it.
const ajv = new Ajv2020({ code: { source: true, esm: true }, allErrors: false, strict: false });
const schema = JSON.parse(readFileSync(`${contracts}/activity-notification.schema.json`, "utf8"));
const code = standaloneCode.default(ajv, ajv.compile(schema)).replace(/export default validate\d+;/, "");
const schemaFile = `${here}/packages/producer/src/generated/schema.js`;
await build({
  stdin: { contents: code, resolveDir: here },
  bundle: true,
  format: "esm",
  target: "es2022",
  outfile: schemaFile,
  banner: { js: "// Made by build.mjs from contracts/activity-notification.schema.json." },
});

copyFileSync(`${here}/packages/producer/schema.d.ts`, `${here}/packages/producer/src/generated/schema.d.ts`);
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
for (const one of packages)
  execFileSync(process.execPath, [tsc, "-p", `${here}/packages/${one}`], { stdio: "inherit" });
copyFileSync(schemaFile, `${here}/packages/producer/dist/generated/schema.js`);
