// The token in use. The app's provider is asked for one at a time, and never believed twice about a token that was refused.
import { fromBase64 } from "./crypto.js";
import { SignalError, type SignalOptions } from "./types.js";

/** The claims of a JWT, none of them verified; empty when it is not readable. */
export function claimsOf(token: string): { exp?: number; userId?: string | number } {
  try {
    const payload = token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/");
    return JSON.parse(new TextDecoder().decode(fromBase64(payload))) ?? {};
  } catch { return {}; }
}

export class Tokens {
  #current: string | undefined;
  #refused: string | undefined;
  #asked: Promise<string> | undefined;
  #options: SignalOptions;
  constructor(options: SignalOptions) { this.#options = options; }

  /** The token in use, or one that the provider is asked for. */
  async get(): Promise<string> {
    return this.#current ?? (this.#asked ??= this.#ask().finally(() => { this.#asked = undefined; }));
  }

  /** The next `get` asks for another one than this. */
  refuse(token = this.#current): void {
    this.#refused = token;
    if (this.#current === token) this.#current = undefined;
  }

  async #ask(): Promise<string> {
    const refused = this.#refused;
    let token;
    try { token = await this.#options.token(refused ? { refused } : {}); }
    catch (cause) { throw new SignalError("token", `the token provider failed: ${cause}`, { cause }); }
    if (!token || typeof token !== "string") throw new SignalError("token", "the token provider gave no token");
    if (token === refused) throw new SignalError("token", "the token provider gave a token again that the server has refused: it must ask the identity service for a new one");
    const { userId } = claimsOf(token);
    const { user } = this.#options;
    if (userId !== undefined && String(userId) !== String(user)) {
      throw new SignalError("user", `the token is of user ${userId}, this client is of user ${user}: stop it and create one for the other user`);
    }
    return (this.#current = token);
  }
}
