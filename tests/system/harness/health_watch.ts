import type { Health, Instance } from "./instance";

/** Asks an instance for its health ten times a second. */
export class HealthWatch {
  private readonly seen: (Health & { at: number })[] = [];
  private ending = false;
  private readonly done: Promise<void>;
  constructor(instance: Instance) {
    this.done = (async () => {
      while (!this.ending) {
        try {
          this.seen.push({ ...(await instance.health()), at: performance.now() });
        } catch {
          this.seen.push({ live: 0, accept: 0, ready: 0, at: performance.now() });
        } // no answer in time
        await Bun.sleep(100);
      }
    })();
  }
  last() {
    return this.seen.at(-1);
  }
  async stop() {
    this.ending = true;
    await this.done;
    const worst = (take: (one: Health) => number) => this.seen.map(take).find((status) => status !== 200) ?? 200;
    return {
      worst: { live: worst((one) => one.live), accept: worst((one) => one.accept), ready: worst((one) => one.ready) },
      notReadyAt: this.seen.find((one) => one.ready !== 200)?.at ?? null,
      samples: this.seen.length,
    };
  }
}
