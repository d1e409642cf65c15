// The documents of contracts/, composed as the build composes them, and closed: what they do not name is a breach here,
// though they leave clients open to growth.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import addFormats from "ajv-formats";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";

const root = resolve(import.meta.dir, "../../..");

function compose(): { openapi: any; asyncapi: any; schemas: any; explorer: string } {
  const folder = mkdtempSync(join(tmpdir(), "signal-contracts-"));
  try {
    execFileSync("python3", ["-B", join(root, "tools/compose_contracts.py"), folder]);
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    return {
      openapi: JSON.parse(read("openapi.json")),
      asyncapi: JSON.parse(read("asyncapi.json")),
      schemas: JSON.parse(read("schemas.json")),
      explorer: read("explorer.html"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let composed: ReturnType<typeof compose> | null = null;
export function documents() {
  return (composed ??= compose());
}

/** Objects that name members have no others, unless the document says that they may. Conditions stay as they are. */
export function closed(schema: any): any {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== "object") return schema;
  const conditions = ["not", "if", "then", "else"];
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) out[key] = conditions.includes(key) ? value : closed(value);
  if (
    schema.properties &&
    typeof schema.properties === "object" &&
    schema.type !== undefined &&
    !("additionalProperties" in schema)
  )
    out.additionalProperties = false;
  return out;
}

const ajv = new Ajv2020({ strict: false, allErrors: false });
addFormats(ajv);
const compiled = new Map<string, ValidateFunction>();

/** Why the value is not of the schema; null when it is. `schema` may refer to shapes of the document; `instead`
 *  replaces some of these. */
export function breach(schema: any, value: unknown, instead: Record<string, unknown> = {}): string | null {
  const key = JSON.stringify([schema, instead]);
  let validate = compiled.get(key);
  if (!validate) {
    const text = JSON.stringify(closed({ ...schema, $defs: { ...documents().schemas.$defs, ...instead } })).replaceAll(
      "#/components/schemas/",
      "#/$defs/",
    );
    compiled.set(key, (validate = ajv.compile(JSON.parse(text))));
  }
  if (validate(value)) return null;
  return validate
    .errors!.map(
      ({ instancePath, message, params }) => `${instancePath || "the whole"} ${message} ${JSON.stringify(params)}`,
    )
    .join("; ");
}

export const shape = (name: string) => ({ $ref: `#/$defs/${name}` });
