// Instances that are replaced one by one while clients move between them, messages are produced and rows are marked.
import { expect } from "bun:test";
import { type Instance } from "../harness/instance";
import { eventually } from "../harness/patience";
import { Random } from "../harness/random";
import { Scene } from "../harness/scene";
import type { StreamClient } from "../harness/stream_client";
import { World, type Scope } from "../harness/world";
import { binary, slowness } from "../support/signal";
import { Marks } from "./marks";

export type Program = { name: string; path: string };
export const present: Program = { name: "new", path: binary };

const tills = Array.from({ length: 30 }, (_, n) => `till-${n}`);
const crowd = 2_500; // members of an organisation whose messages are given out slice by slice
const env = { SIGNAL_DRAIN_MS: "500", SIGNAL_SHUTDOWN_GRACE_MS: "500" };

export class Fleet {
  /** What a client was refused, and closes for another reason than that its instance ended. */
  readonly refused: string[] = [];
  moves = 0;
  private readonly ended: Instance[] = [];
  private readonly programs = new Map<Instance, Program>();
  private readonly work: Promise<void>[] = [];
  private over = false;
  private turn = 0;
  private made = 0;
  private constructor(
    readonly scene: Scene,
    readonly marks: Marks,
    private readonly random: Random,
  ) {}

  /** Two instances of the program, on the tables that its own `migrate` made, and a till of each user at one of
   *  them. */
  static async open(program: Program, random: Random): Promise<Fleet> {
    const world = new World();
    for (const [n, user] of tills.entries()) world.join(user, "Organizer", `small-${n % 3}`);
    for (const user of tills) world.join(user, "Organizer", "crowd");
    for (let n = tills.length; n < crowd; ++n) world.join(`member-${n}`, "Organizer", "crowd");
    const scene = await Scene.open({ instances: 0, partitions: 6, world });
    const fleet = new Fleet(scene, new Marks(scene, random), random);
    await fleet.migrate(program);
    for (let n = 0; n < 2; ++n) await fleet.add(program);
    await scene.acquainted();
    for (const user of tills) await scene.watch(user, fleet.next());
    fleet.work.push(fleet.produce(), fleet.move(), fleet.mark());
    return fleet;
  }

  get programsInOrder(): string {
    return this.scene.instances.map((one) => this.programs.get(one)!.name).join(" and ");
  }

  /** `migrate` of the program; resolves with what it printed. */
  async migrate(program: Program): Promise<string> {
    const child = Bun.spawn([program.path, "migrate"], {
      env: { SIGNAL_DATABASE_URL: this.scene.env.SIGNAL_DATABASE_URL! },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, error, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    expect({ program: program.name, code, error }).toEqual({ program: program.name, code: 0, error: "" });
    return out.trim();
  }

  async add(program: Program): Promise<Instance> {
    const one = await this.scene.add({ program: program.path, env, migrate: false });
    this.programs.set(one, program);
    return one;
  }

  /** Ends the oldest instance, then starts one of the program, as an orchestrator does with a fixed number of hosts. */
  async replaceOldest(program: Program): Promise<void> {
    const leaves = this.scene.instances[0]!;
    await leaves.stop();
    this.scene.instances.shift();
    this.ended.push(leaves);
    await this.add(program);
    await this.scene.acquainted();
  }

  /** An instance that accepts clients, in turn: what a balancer knows. */
  async accepting(): Promise<Instance> {
    return eventually(
      async () => {
        const one = this.next();
        const answer = await fetch(`${one.http}/health/accept`).catch(() => null);
        return answer?.status === 200 ? one : null;
      },
      20_000,
      "an instance that accepts clients",
    );
  }

  /** Traffic ends; each client catches up and has exactly its rows; each row has the marks that were answered with
   *  200. Returns figures. */
  async close(): Promise<string> {
    this.over = true;
    await Promise.all(this.work);
    expect(this.refused).toEqual([]);
    await this.scene.history.waitStored(this.scene.database, 60_000);
    const marked = await this.marks.check();
    this.scene.instances.push(...this.ended); // their lines are searched for secrets, too
    return `${this.moves} moves of clients, none refused; ${marked}; ${await this.scene.close()}`;
  }

  private next(): Instance {
    const { instances } = this.scene;
    return instances[this.turn++ % instances.length]!;
  }

  private scope(): Scope {
    if (this.made % 200 === 1) return { recipientScope: "org", organizerId: "crowd" };
    if (this.random.chance(0.3)) return { recipientScope: "org", organizerId: `small-${this.random.below(3)}` };
    const recipientIds = Array.from({ length: 1 + this.random.below(4) }, () => this.random.of(tills));
    return { recipientScope: "users", recipientIds: [...new Set(recipientIds)] };
  }

  /** About 30 messages a second; each twentieth is a repeated one. */
  private async produce(): Promise<void> {
    const { history } = this.scene;
    while (!this.over) {
      const message = history.good(this.scope(), { id: `rolling-${++this.made}` });
      const again = this.random.chance(0.05) ? [history.again(message, (message.partition + 1) % 6)] : [];
      await this.scene.send([message, ...again]);
      await Bun.sleep(30 * slowness);
    }
  }

  private async move(): Promise<void> {
    while (!this.over) {
      await Promise.all(this.scene.clients.filter((client) => client.closed).map((client) => this.moveOne(client)));
      await Bun.sleep(20);
    }
  }
  private async moveOne(client: StreamClient): Promise<void> {
    const { code, reason } = client.closed!;
    if (code !== 1001) this.refused.push(`${client.user} was closed with ${code} ${reason}`);
    const to = await this.accepting();
    try {
      await client.connect(to.ws, { since: client.since });
      ++this.moves;
    } catch (error) {
      if (client.closed?.code !== 1001) this.refused.push(`${client.user} at ${to.name}: ${error}`);
    }
  }

  private async mark(): Promise<void> {
    while (!this.over) {
      await this.marks.one(await this.accepting());
      await Bun.sleep(60 * slowness);
    }
  }
}
