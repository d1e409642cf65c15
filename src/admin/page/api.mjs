// Requests to this server with the operator's token. The token is kept in this tab's session storage, never in a URL.
const storageKey = "signal-operator-token";
const answerMs = 20_000;

/** The tab's storage; where the browser forbids it, the token lives until the page is left. */
function stored(work) {
  try {
    return work(sessionStorage);
  } catch {
    return null;
  }
}

/** An answer that is not 2xx. `missingRoute`: the server has no such route. */
export class Refused extends Error {
  constructor(status, body, retryAfter) {
    super(reasonOf(status, body));
    this.status = status;
    this.missingRoute = status === 404 && body?.message === "URL NOT FOUND";
    this.retryAfter = retryAfter;
  }
}

function reasonOf(status, body) {
  const causes = body?.details?.cause;
  if (Array.isArray(causes)) return causes.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return body?.message ? `${body.message} (${status})` : `The server answered ${status}`;
}

export class Api {
  #token = stored((storage) => storage.getItem(storageKey));
  #refused;

  /** @param refused  (reason) => called when the server no longer accepts the token */
  constructor(refused) {
    this.#refused = refused;
  }

  get token() {
    return this.#token;
  }
  signIn(token) {
    this.#token = token;
    stored((storage) => storage.setItem(storageKey, token));
  }
  signOut() {
    this.#token = null;
    stored((storage) => storage.removeItem(storageKey));
  }

  /** {body, next}: the JSON of a 2xx answer, and the target of its Link to the next page or null. Throws Refused for
   *  other answers and Error when there is none. */
  async ask(target, { method = "GET", body } = {}) {
    const token = this.#token;
    const headers = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(target, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
      cache: "no-store",
    }).catch((error) => {
      throw new Error(
        error.name === "TimeoutError" ? "The server did not answer in time" : "The server cannot be reached",
      );
    });
    const json = await response.json().catch(() => null);
    if (response.ok) return { body: json, next: nextOf(response.headers.get("link")) };
    const refused = new Refused(response.status, json, Number(response.headers.get("retry-after")) || 1);
    if ([401, 403].includes(refused.status) && token === this.#token) this.#refused(tokenProblem(refused.status));
    throw refused;
  }
}

const tokenProblem = (status) =>
  status === 401
    ? "The server refuses this token: it is invalid, has expired or was revoked. Get a new one."
    : "This token has no operator's rights: it needs a role of SIGNAL_ADMIN_ROLES, " +
      "and the claim SIGNAL_ADMIN_CLAIM if that is set.";

/** The path and query of `<…>; rel="next"`; only of a route. */
function nextOf(link) {
  const target = /<(\/v1\/[^>]*)>;\s*rel="next"/.exec(link ?? "")?.[1];
  return target ?? null;
}

/** `path?name=value…` without the empty values. */
export function withQuery(path, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));
  return query.size > 0 ? `${path}?${query}` : path;
}
