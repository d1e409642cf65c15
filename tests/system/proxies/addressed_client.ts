// A till that connects from an address of its own (any of 127.0.0.0/8) and sends what header fields it likes: who is
// behind a proxy, and who lies to it.
import { opcodes, RawClient, type RawFrame } from "../support/raw_client";
import { StreamClient, type Channel } from "../harness/stream_client";

export class AddressedClient extends StreamClient {
  pings = 0; // of the server, all answered
  constructor(
    user: string,
    token: string,
    readonly from: string,
    private readonly headers: Record<string, string> = {},
  ) {
    super(user, token);
  }

  protected override dial(url: string): Channel {
    return new AddressedSocket(url, this.from, this.headers, () => {
      ++this.pings;
    });
  }

  /** The `n` of direct pushes of that event, as they came. */
  numbers(event: string): number[] {
    return this.other.filter((frame) => frame.event === event).map((frame) => frame.data.n);
  }
}

class AddressedSocket implements Channel {
  onopen: Channel["onopen"] = null;
  onclose: Channel["onclose"] = null;
  onerror: Channel["onerror"] = null;
  onmessage: Channel["onmessage"] = null;
  private client: RawClient | null = null;
  private told = false;

  constructor(
    url: string,
    from: string,
    headers: Record<string, string>,
    private readonly pinged: () => void,
  ) {
    RawClient.upgrade(url, headers, from).then(
      (client) => {
        this.client = client;
        if (client.status !== 101)
          return this.end(1006, client.ended && !client.head ? "no answer" : `HTTP ${client.status}`);
        client.onFrame = (frame) => this.take(frame);
        client.onEnd = () => this.end(1006, "");
        this.onopen?.call(this as never, new Event("open"));
      },
      (error: Error) => this.end(1006, String(error)),
    );
  }

  send(text: string) {
    if (this.client && !this.client.ended) this.client.text(text);
  }
  close() {
    if (this.client?.status === 101) this.client.frame(opcodes.close, Buffer.from([3, 232])); // 1000
    this.client?.destroy();
  }

  private take(frame: RawFrame) {
    if (frame.opcode === opcodes.ping) {
      this.pinged();
      this.client!.frame(opcodes.pong, frame.payload);
    } else if (frame.opcode === opcodes.text) {
      this.onmessage?.call(this as never, { data: frame.payload.toString("utf8") } as MessageEvent);
    } else if (frame.opcode === opcodes.close) {
      this.end(
        frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0),
        frame.payload.subarray(2).toString("utf8"),
      );
    }
  }
  private end(code: number, reason: string) {
    if (this.told) return;
    this.told = true;
    this.client?.destroy();
    this.onclose?.call(this as never, { code, reason } as CloseEvent);
  }
}
