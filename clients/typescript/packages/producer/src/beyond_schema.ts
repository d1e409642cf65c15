// The rules that a JSON Schema cannot state: sizes in bytes, depth, surrogates, dates.
import type { Problem } from "./message.js";

const utf8 = new TextEncoder();
const bytes = (text: string): number => utf8.encode(text).length;
const mostDepth = 64;
/** The digits of all numbers of `data`, written out. */
const mostDigits = 160 * 1024;

type Report = (path: string, message: string) => void;

function digits(number: number): number {
  const [mantissa, exponent = "0"] = String(number).split("e");
  return Math.abs(Number(exponent)) + mantissa!.length;
}

/** Looks at every text, name and level of a value, and counts the digits of its numbers. */
function walk(value: unknown, path: string, depth: number, report: Report): number {
  if (typeof value === "string" && value.includes("\0")) report(path, "has the character U+0000");
  if (typeof value === "number") return digits(value);
  if (value === null || typeof value !== "object") return 0;
  if (depth > mostDepth) {
    report(path, `is deeper than ${mostDepth} levels`);
    return 0;
  }
  let sum = 0;
  for (const [name, member] of Object.entries(value)) {
    const at = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (name.includes("\0") || !isWellFormed(name)) report(at, "has a name with U+0000 or half of a surrogate pair");
    sum += walk(member, at, depth + 1, report);
  }
  return sum;
}

const isWellFormed = (text: string): boolean =>
  !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);

function checkId(value: unknown, path: string, report: Report): void {
  if (value === null || value === undefined) return;
  const text = String(value);
  // JSON writes larger integers with an exponent, which is no id.
  if (typeof value === "number" && /e/.test(text))
    report(path, "is an integer too large for JavaScript: give it as a text");
  if (bytes(text) > 128) report(path, "has more than 128 bytes");
  if (!isWellFormed(text)) report(path, "has half of a surrogate pair");
}

const zone = "(?:[Zz]|[+-]\\d\\d(?::?\\d\\d)?)";
const clock = "(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:[.,]\\d+)?)?";
const time = new RegExp(`^(\\d{4})-(\\d\\d)-(\\d\\d)(?:[Tt ]${clock}${zone})?$`);

function checkTime(value: unknown, report: Report): void {
  if (typeof value !== "string") return;
  const [, year, month, day] = time.exec(value) ?? [];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day) || Number(year) < 1)
    report("/occurredAt", "is no date, or a time without a zone");
}

export function beyondSchema(message: Record<string, any>): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, text) => problems.push({ path, message: text });
  walk(message, "", 1, report);
  for (const [name, most] of [
    ["type", 128],
    ["title", 512],
    ["body", 4_096],
  ] as const) {
    if (bytes(message[name] ?? "") > most) report(`/${name}`, `has more than ${most} bytes`);
  }
  if (!isWellFormed(message.type)) report("/type", "has half of a surrogate pair");
  if (message.data && bytes(JSON.stringify(message.data)) > 32_768) report("/data", "has more than 32768 bytes");
  if (message.data && walk(message.data, "/data", 2, () => undefined) > mostDigits)
    report("/data", "has numbers that take too much room when they are written out");
  const organizers = ["organizerId", "orgId", "organizationId"].filter(
    (name) => message[name] !== null && message[name] !== undefined,
  );
  for (const name of ["id", "actorId", "merchantId", ...organizers]) checkId(message[name], `/${name}`, report);
  if (new Set(organizers.map((name) => String(message[name]))).size > 1)
    report("", `names two organisations: ${organizers.join(", ")} differ`);
  for (const name of ["recipientIds", "excludeUserIds"]) {
    if (Array.isArray(message[name]))
      message[name].forEach((id: unknown, n: number) => checkId(id, `/${name}/${n}`, report));
  }
  checkTime(message.occurredAt, report);
  return problems;
}
