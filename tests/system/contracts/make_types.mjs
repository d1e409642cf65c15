// Writes contracts/types.ts from the shapes: `node make_types.mjs schemas.json` prints it. Conditions (which members go
// together) are left to the schemas.
import { readFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const conditions = ["anyOf", "oneOf", "not", "if", "then", "else", "minProperties"];
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (schema === null || typeof schema !== "object") return schema;
  const out = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, plain(value)]));
  delete out.pattern;
  if (Object.keys(out).length === 1 && typeof out.description === "string") out.tsType = "unknown";
  if (!out.properties || typeof out.properties !== "object" || !out.type) return out;
  for (const key of conditions) delete out[key];
  if (Array.isArray(out.allOf) && out.allOf.every((one) => "if" in one)) delete out.allOf;
  return out;
}

const schemas = plain(JSON.parse(readFileSync(process.argv[2], "utf8")));
const text = await compile(schemas, "Signal", {
  additionalProperties: false,
  unreachableDefinitions: true,
  ignoreMinAndMaxItems: true,
  format: true,
  style: { printWidth: 120 },
  bannerComment: "// Made by script/types from contracts/*.schema.json: change those.",
});
// What it writes below each description, and alone where there is none.
const reference =
  String.raw` \* This interface was referenced by \`Signal\`'s JSON-Schema\n` +
  String.raw` \* via the \`definition\` "[^"]+"\.\n`;
process.stdout.write(
  text
    .replace(new RegExp(String.raw` \*\n${reference}`, "g"), "")
    .replace(new RegExp(String.raw`/\*\*\n${reference} \*/\n`, "g"), "")
    .replace(/export interface Signal \{\n  \[k: string\]: unknown;\n\}\n/, ""),
);
