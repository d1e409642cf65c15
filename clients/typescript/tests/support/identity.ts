// The identity service of the examples: `POST {"userId"}` is answered with a token, as text.
import type { Issuer } from "../../../../tests/system/support/issuer";

export class Identity {
  asked = 0;
  away = false;
  #server: ReturnType<typeof Bun.serve>;

  /** `seconds`: how long its tokens are good. */
  constructor(
    issuer: Issuer,
    public seconds = 3_600,
  ) {
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async (request) => {
        const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
        if (request.method === "OPTIONS") return new Response(null, { headers });
        ++this.asked;
        if (this.away) return new Response("the identity service is away", { status: 503, headers });
        const { userId } = (await request.json()) as { userId: string };
        const exp = Math.floor(Date.now() / 1000) + this.seconds;
        return new Response(await issuer.token({ userId }, { exp }), { headers });
      },
    });
  }
  get url() {
    return `http://127.0.0.1:${this.#server.port}/token`;
  }
  end() {
    this.#server.stop(true);
  }
}
