// The faults of one user, each from begin to end. After it the inbox must equal the rows.
import type { Sailor } from "./sailor";

const hourMs = 3_600_000;

export const faults: Record<string, (sailor: Sailor, ms: number) => Promise<void>> = {
  async calm(_, ms) {
    await Bun.sleep(ms);
  },
  async cut({ proxy, random }, ms) {
    for (let n = 1 + random.below(3); n > 0; --n) {
      proxy.cut();
      await Bun.sleep(ms / 3);
    }
  },
  async stall({ proxy }, ms) {
    proxy.stall();
    await Bun.sleep(ms);
    proxy.resume();
  },
  async silence({ proxy }, ms) {
    proxy.silence();
    await Bun.sleep(ms);
  },
  async refuse({ proxy }, ms) {
    proxy.refusing = true;
    proxy.cut();
    await Bun.sleep(ms);
    proxy.refusing = false;
  },
  async mute({ proxy }, ms) {
    proxy.mute = true;
    proxy.cut();
    await Bun.sleep(ms);
    proxy.mute = false;
    proxy.cut();
  },
  async reload(sailor, ms) {
    await sailor.close();
    await Bun.sleep(ms);
    await sailor.open();
  },
  async identity(sailor, ms) {
    sailor.tokensAway = true;
    sailor.proxy.cut();
    await Bun.sleep(ms);
    sailor.tokensAway = false;
  },
  async full({ device }, ms) {
    await device.setStorage("full");
    await Bun.sleep(ms);
    await device.setStorage("good");
  },
  /** A page is opened and used where nothing can be stored. */
  async forbidden(sailor, ms) {
    await sailor.device.setStorage("forbidden");
    await Bun.sleep(ms);
    await sailor.close();
    await sailor.device.setStorage("forbidden");
    await sailor.open();
    await Bun.sleep(ms);
    await sailor.device.setStorage("good");
  },
  async resume({ device }, ms) {
    for (let n = 0; n < 5; ++n) {
      await device.resume();
      await Bun.sleep(ms / 5);
    }
  },
  async asleep({ device, proxy }, ms) {
    await device.sleep();
    proxy.silence();
    await Bun.sleep(ms);
    await device.wake(0);
  },
  /** Here until the server refuses the token, 5 s after it has expired; for the device it is an hour. */
  async hour({ device, proxy, tokenSeconds }) {
    await device.sleep();
    proxy.silence();
    await Bun.sleep((tokenSeconds + 6) * 1_000);
    await device.wake(hourMs);
  },
  /** The wall clock is wrong from now on, or right again. */
  async clock(sailor, ms) {
    const { wrongByMs, random } = sailor;
    sailor.wrongByMs = wrongByMs ? 0 : random.of([hourMs, -hourMs]);
    await sailor.device.setClock(sailor.wrongByMs);
    await Bun.sleep(ms / 2);
    sailor.proxy.cut();
    await Bun.sleep(ms / 2);
  },
  /** Somebody else signs in, with the same storage, and leaves again. */
  async switched(sailor, ms) {
    await sailor.close();
    await sailor.open(`${sailor.user}-other`);
    await Bun.sleep(ms);
    const { snapshot } = await sailor.device.close();
    if (snapshot.items.length > 0)
      throw new Error(`${sailor.user}: another user sees ${snapshot.items.map(({ title }) => title)}`);
    await sailor.open();
  },
};
