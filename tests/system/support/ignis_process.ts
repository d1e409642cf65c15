// The encrypted server of npm in a process of its own, since what it throws in a handler would fail the test beside it:
// `bun ignis_process.ts REDIS_PORT JWKS_URL` prints its address and ends with its stdin.
import { IgnisServer } from "./ignis_server";

const [port, jwksUrl] = process.argv.slice(2);
process.on("uncaughtException", () => undefined); // as Bun's server takes it: logged, the socket stays
const server = await IgnisServer.startEncrypted(Number(port), jwksUrl!);
process.stdout.write(`\nignis at ${server.ws}\n`);
for await (const _ of Bun.stdin.stream()) {
  /* until it ends */
}
process.exit(0);
