// A stand-in for the identity service of a deployment, to try Signal with `docker compose`: anybody gets a token for any user. Not for production.
//   GET /jw-certs                     the key set: one ES256 key, new at each start
//   GET /token?userId=U[&roles=R,S]   a token of that user, valid for an hour
//   node identity.mjs [PORT [HOST]]   prints its address
import { createServer } from "node:http";
import { generateKeyPairSync, sign } from "node:crypto";

const [port = "8080", host = "0.0.0.0"] = process.argv.slice(2);
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const keySet = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "stand-in", alg: "ES256", use: "sig" }] };
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(userId, roles) {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "ES256", kid: "stand-in", typ: "JWT" })}.${part({ userId, roles: roles.map((identifier) => ({ identifier })), iat: now, exp: now + 3600 })}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function answer(url) {
  if (url.pathname === "/jw-certs") return [200, "application/json", JSON.stringify(keySet)];
  const userId = url.searchParams.get("userId");
  if (url.pathname === "/token" && userId)
    return [200, "text/plain", token(userId, (url.searchParams.get("roles") ?? "").split(",").filter(Boolean))];
  return [404, "text/plain", "GET /jw-certs, or GET /token?userId=U\n"];
}

const server = createServer((request, response) => {
  const [status, type, body] = answer(new URL(request.url, "http://identity"));
  response.writeHead(status, { "content-type": type }).end(body);
});
server.listen(Number(port), host, () => console.log(`identity: http://${host}:${server.address().port}`));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
