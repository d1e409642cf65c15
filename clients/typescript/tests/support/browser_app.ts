// The stage of the browser examples: `nx-signal serve`, an identity service, and the backend of an example by the
// command of its README.
import { Instance } from "../../../../tests/system/harness/instance";
import { eventually } from "../../../../tests/system/harness/patience";
import { Scene } from "../../../../tests/system/harness/scene";
import { World } from "../../../../tests/system/harness/world";
import { Example } from "./example";
import { Identity } from "./identity";
import { truthOf } from "./truth";

export class BrowserStage {
  private constructor(
    readonly scene: Scene,
    readonly identity: Identity,
  ) {}

  /** The members of the merchant `harbour` are `users`. */
  static async open(...users: string[]): Promise<BrowserStage> {
    const world = new World();
    for (const user of users) world.join(user, "Merchant", "harbour");
    const scene = await Scene.open({ world, env: { SIGNAL_CORS_ORIGINS: "*" } });
    return new BrowserStage(scene, new Identity(scene.stack.issuer));
  }
  /** Starts a command of an example's README for a user; resolves with the address of its page. */
  async serve(
    example: string,
    printedUser: string,
    user: string,
    command = 0,
  ): Promise<{ url: string; backend: Example }> {
    const backend = new Example(
      example,
      { "http://127.0.0.1:3000": this.scene.first.http, [printedUser]: user, "8080": "0" },
      { SIGNAL_TOKEN_URL: this.identity.url },
      command,
    );
    return { backend, url: (await backend.says(/^open (\S+)/))[1]! };
  }

  /** A payment of the merchant `harbour`; resolves with its text on a page. */
  async pay(amount: string): Promise<string> {
    const message = this.scene.history.good({ recipientScope: "merchant", merchantId: "harbour" }, { body: amount }, 0);
    await this.scene.send([message]);
    return message.title!;
  }
  /** The database has so many unread rows of a user. */
  async unread(user: string, count: number) {
    await eventually(
      async () => (await truthOf(this.scene.database, user)).unread === count,
      10_000,
      `${count} unread rows of ${user}`,
    );
  }
  async close() {
    await Example.endAll();
    this.identity.end();
    await Instance.endAll();
  }
}
