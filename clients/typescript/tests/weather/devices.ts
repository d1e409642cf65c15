// Makes devices: of this process, or pages of a browser.
import { nodeDevice } from "./node_device";
import { PageDevice } from "./page_device";
import type { MakeDevice } from "./sailor";

export async function deviceMaker(place: string): Promise<{ name: string; make: MakeDevice; end(): Promise<void> }> {
  if (place === "node") return { name: place, make: (_host, token) => nodeDevice(token), end: async () => undefined };
  const { launch } = await import("../support/browsers");
  const browser = await launch(place);
  return {
    name: browser.name,
    async make(host, token) {
      const device = await PageDevice.serve(host, token);
      device.onEnd = await browser.open(device.url);
      return device;
    },
    end: () => browser.end(),
  };
}
