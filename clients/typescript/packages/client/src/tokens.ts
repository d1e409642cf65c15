// The token in use. The app's provider is asked for one at a time, and not believed twice about a token that was
// refused.
import { fromBase64 } from "./crypto.js";
import { SignalError, type SignalOptions, type TokenRequest } from "./types.js";

/** The claims of a JWT, none of them verified; empty when they cannot be read. */
export function claimsOf(token: string): { exp?: number; userId?: string | number } {
  try {
    return (
      JSON.parse(new TextDecoder().decode(fromBase64(token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/")))) ?? {}
    );
  } catch {
    return {};
  }
}

export const otherUser = (theirs: unknown, ours: unknown): SignalError =>
  new SignalError("user", `the token is of user ${theirs}, this client of ${ours}`);

export class Tokens {
  #current: string | undefined;
  #refused: string | undefined;
  #asked: Promise<string> | undefined;
  #options;
  constructor(options: Pick<SignalOptions, "token" | "user">) {
    this.#options = options;
  }

  /** The token in use, or one that the provider is asked for. */
  async get(): Promise<string> {
    return this.#current ?? this.#ask(this.#refused ? { refused: this.#refused } : {});
  }

  /** A token that is younger than the one in use, if the provider has one; the other stays good. */
  async renew(): Promise<string | undefined> {
    const before = this.#current;
    const token = await this.#ask(before ? { expiring: before } : {});
    return token === before ? undefined : token;
  }

  /** The next `get` asks for another one than this. */
  refuse(token = this.#current): void {
    this.#refused = token;
    if (this.#current === token) this.#current = undefined;
  }

  #ask(request: TokenRequest): Promise<string> {
    return (this.#asked ??= this.#answer(request).finally(() => {
      this.#asked = undefined;
    }));
  }

  async #answer(request: TokenRequest): Promise<string> {
    const { token: provider, user } = this.#options;
    let token;
    try {
      token = await provider(request);
    } catch (cause) {
      throw new SignalError("token", `the token provider failed: ${cause}`, cause);
    }
    if (!token || token === this.#refused)
      throw new SignalError(
        "token",
        `the token provider gave ${token ? "a token again that was refused" : "no token"}`,
      );
    const { userId } = claimsOf(token);
    if (userId !== undefined && String(userId) !== String(user)) throw otherUser(userId, user);
    return (this.#current = token);
  }
}
