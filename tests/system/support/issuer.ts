// An identity service on npm `jose`: keys of several kinds, a JWKS endpoint that a test can break.
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from "jose";

type Key = { privateKey: CryptoKey; jwk: JWK; alg: string };

export class Issuer {
  fetches = 0;
  mode: "serve" | "hang" | "error" = "serve";
  readonly published: JWK[] = [];
  private readonly keys = new Map<string, Key>();
  private server!: ReturnType<typeof Bun.serve>;

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await issuer.addKey("main", "ES256");
    issuer.server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 60,
      fetch: async () => {
        issuer.fetches += 1;
        if (issuer.mode === "error") return new Response("down", { status: 500 });
        if (issuer.mode === "hang") await Bun.sleep(20_000);
        return Response.json({ keys: issuer.published });
      },
    });
    return issuer;
  }

  get url() {
    return `http://127.0.0.1:${this.server.port}/jw-certs`;
  }

  async addKey(kid: string, alg: string, publish = true): Promise<void> {
    const pair = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" };
    this.keys.set(kid, { privateKey: pair.privateKey as CryptoKey, jwk, alg });
    if (publish) this.published.push(jwk);
  }
  /** The key set with the private parts: what `nx-signal conform` makes tokens with. */
  async privateKeySet(): Promise<string> {
    const keys = await Promise.all(
      [...this.keys].map(async ([kid, { privateKey, alg }]) => ({ ...(await exportJWK(privateKey)), kid, alg })),
    );
    return JSON.stringify({ keys });
  }
  withdraw(kid: string) {
    this.published.splice(
      this.published.findIndex((jwk) => jwk.kid === kid),
      1,
    );
  }

  /** A token for `claims`; `exp` an hour ahead unless given (null leaves it out). */
  async token(
    claims: JWTPayload & { userId?: unknown },
    options: { kid?: string; header?: Record<string, unknown>; exp?: number | null } = {},
  ): Promise<string> {
    const key = this.keys.get(options.kid ?? "main")!;
    const now = Math.floor(Date.now() / 1000);
    const signer = new SignJWT({ iat: now, ...claims }).setProtectedHeader({
      alg: key.alg,
      kid: options.kid ?? "main",
      ...options.header,
    });
    if (options.exp !== null) signer.setExpirationTime(options.exp ?? now + 3600);
    return signer.sign(key.privateKey);
  }

  stop() {
    this.server.stop(true);
  }
}
