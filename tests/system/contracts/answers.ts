// Each REST answer of a test is held against openapi.json: route, status, media type, headers, body. What is not
// written there is a breach.
import { breach, documents, shape } from "./documents";

export type Listener = "dev" | "public" | "admin";
const listeners = new Map<string, Listener>();
export const breaches: string[] = []; // also those whose error a test has swallowed

/** What nobody may wait out: the program said what the documents do not. */
export class ContractBreach extends Error {}

/** For the guard, which fails the test, and for whoever asked. */
export function breached(said: string): never {
  breaches.push(said);
  throw new ContractBreach(said);
}
export let checked = 0;

/** From now on what this origin answers is held against the documents. */
export function served(origin: string, listener: Listener) {
  listeners.set(origin, listener);
}

/** Routes of the page of `nx-signal dev`: no part of what others rely on. */
const ofThePage = /^\/($|page\/|dev\/|jw-certs$)/;

function followed(node: any): any {
  while (node?.$ref)
    node = node.$ref
      .slice(2)
      .split("/")
      .reduce((at: any, part: string) => at[part], documents().openapi);
  return node;
}

/** The document's path for `path`: one without names comes first, as in the program. */
function pathItem(path: string): any {
  const { paths } = documents().openapi;
  if (paths[path]) return paths[path];
  const segments = path.split("/");
  return Object.entries<any>(paths).find(([pattern]) => {
    const parts = pattern.split("/");
    return (
      parts.length === segments.length &&
      parts.every((part, n) => (part.startsWith("{") ? segments[n] !== "" : part === segments[n]))
    );
  })?.[1];
}

function headerBreaches(answer: any, headers: Headers): string[] {
  const documented = Object.entries<any>(answer.headers ?? {}).map(
    ([name, header]) => [name.toLowerCase(), followed(header)] as const,
  );
  const found: string[] = [];
  for (const [name, header] of documented) {
    const value = headers.get(name);
    if (value === null) {
      if (header.required) found.push(`the header ${name} is missing`);
      continue;
    }
    const why = breach(header.schema, header.schema.type === "integer" ? Number(value) : value);
    if (why) found.push(`the header ${name}: ${value}: ${why}`);
  }
  const always = ["x-request-id", "x-content-type-options"];
  for (const name of headers.keys()) {
    if (name.startsWith("x-") && !always.includes(name) && documented.every(([one]) => one !== name))
      found.push(`the header ${name} is not documented`);
  }
  return found;
}

/** What is wrong with an answer, in words. */
export function answerBreaches(
  method: string,
  path: string,
  status: number,
  headers: Headers,
  body: string,
  query = "",
): string[] {
  const item = pathItem(path);
  const operation = item?.[(method === "HEAD" ? "get" : method).toLowerCase()];
  const json = () => {
    try {
      return JSON.parse(body);
    } catch {
      return undefined;
    }
  };
  if (!operation || ((operation.servers ?? item.servers) !== undefined && status === 404)) {
    // Of any path and method: what is refused before it is read, and a request that nobody answers.
    if (status === 404) {
      const why = method === "HEAD" ? null : breach(shape("NotFound"), json());
      return why ? [`404: ${why}`] : [];
    }
    if (method === "OPTIONS" && status === 204) return [];
    if ([400, 408, 413, 431, 503].includes(status)) {
      const why = method === "HEAD" ? null : breach(shape("Error"), json());
      return why ? [`${status}: ${why}`] : [];
    }
    return ["the route is not documented"];
  }
  const answer = followed(operation.responses[status]);
  if (!answer) return ["the status is not documented"];
  const found = headerBreaches(answer, headers);
  const media = (headers.get("content-type") ?? "").split(";")[0]!;
  if (!answer.content) return found;
  const content = answer.content[media];
  if (!content) return [...found, `the media type ${media} is not documented`];
  if (method === "HEAD" || media !== "application/json") return found;
  const value = json();
  // A part of a row is for who asks for fields.
  const rows: Record<string, unknown> = query.includes("fields") ? {} : { Row: shape("Notification") };
  const why = value === undefined ? "it is no JSON" : breach(content.schema, value, rows);
  if (why) found.push(`${why}; body ${body.slice(0, 300)}`);
  return found;
}

/** Throws when the answer of a listener that was named in served() breaches the contract. */
export async function checkAnswer(method: string, url: URL, response: Response): Promise<void> {
  const listener = listeners.get(url.origin);
  if (!listener || (listener === "dev" && ofThePage.test(url.pathname))) return;
  let body: string;
  try {
    body = await response.text();
  } catch {
    return;
  } // cut by the test
  // the guard of the page
  if (listener === "dev" && response.status === 403 && body.includes('"nx-signal dev answers')) return;
  ++checked;
  const found = answerBreaches(method, url.pathname, response.status, response.headers, body, url.search);
  if (found.length === 0) return;
  breached(`${method} ${url.pathname} ${response.status} breaches contracts/openapi.json: ${found.join("; ")}`);
}
