// Requests to this server: the /dev routes, and REST as one of the users.

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Error(body?.message ?? `${response.status} ${response.statusText}`);
  return body;
}

const postDev = (path, body) =>
  fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-signal-dev": "1" },
    body: JSON.stringify(body),
  }).then(answer);

export const getInfo = () => fetch("/dev/info").then(answer);
export const getToken = async (userId) => (await postDev("/dev/token", { userId })).token;
export const pay = (payment) => postDev("/dev/payments", payment);

/** REST as the user of the token; a token is valid for an hour, so it is renewed once when it is refused. */
export class Inbox {
  #token = null;
  constructor(userId) {
    this.userId = userId;
  }

  async token() {
    return (this.#token ??= await getToken(this.userId));
  }
  forgetToken() {
    this.#token = null;
  }

  async #request(path, method = "GET", body) {
    for (let attempt = 0; ; ++attempt) {
      const headers = { authorization: `Bearer ${await this.token()}` };
      if (body !== undefined) headers["content-type"] = "application/json";
      const response = await fetch(path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      if (response.status !== 401 || attempt > 0) return answer(response);
      this.forgetToken();
    }
  }

  newest = async (limit = 20) => (await this.#request(`/v1/notifications?limit=${limit}`)).data;
  since = async (seq, limit = 100) => (await this.#request(`/v1/notifications?since=${seq}&limit=${limit}`)).data;
  unread = () => this.#request("/v1/notifications/unread-count");
  setRead = async (id, read) =>
    (await this.#request(`/v1/notifications/${encodeURIComponent(id)}`, "PATCH", { read })).data;
  readAll = (upTo) => this.#request("/v1/notifications/read", "POST", { all: true, upTo });
}
