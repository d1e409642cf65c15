// Requests to the /dev routes of this server. All others are those of the client.

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
