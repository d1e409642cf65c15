// Clients that come and go beside an audience: each is let in, joins a room, is answered once and leaves.
import { Till } from "./till";

export type Visit = { user: string; room: string; token: string };

export class Visitors {
  came = 0;
  readonly failed: string[] = [];
  private readonly underway = new Set<Promise<void>>();

  /** `visits` are made in turn, over and over, at each of `urls` in turn. */
  constructor(
    private readonly visits: Visit[],
    private readonly urls: string[],
  ) {}

  /** So many a second until `end` (of performance.now()); resolves when the last has left. */
  async come(rate: number, end: number): Promise<void> {
    for (let next = performance.now(); next < end; next += 1_000 / rate) {
      await Bun.sleep(next - performance.now());
      const one: Promise<void> = this.visit()
        .catch((error) => {
          this.failed.push(String(error));
        })
        .finally(() => this.underway.delete(one));
      this.underway.add(one);
    }
    await Promise.all(this.underway);
  }

  private async visit(): Promise<void> {
    const n = this.came++;
    const { user, room, token } = this.visits[n % this.visits.length]!;
    const till = new Till(user);
    const late = Bun.sleep(10_000).then(() => {
      throw new Error(`${user}: not served within 10 s`);
    });
    await Promise.race([
      late,
      (async () => {
        await till.connect(this.urls[Math.floor(n / this.visits.length + n) % this.urls.length]!, token);
        till.join([room]);
        await till.ping();
      })(),
    ]);
    till.close();
  }
}
