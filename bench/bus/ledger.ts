// What one client is to hear, of each publisher in the order in which it published; held against what it hears.
export type Entry = { number: number; channel: string };

export class Ledger {
  heard = 0;
  unordered = 0; // came, and after a later one of the same publisher
  surplus = 0; // came twice, or were for somebody else
  private readonly due: { entries: Entry[]; head: number; passed: Map<number, Entry> }[];

  constructor(publishers: number) {
    this.due = Array.from({ length: publishers }, () => ({ entries: [], head: 0, passed: new Map<number, Entry>() }));
  }

  /** Before it is published. */
  expect(publisher: number, entry: Entry) {
    this.due[publisher]!.entries.push(entry);
  }

  hear(publisher: number, number: number) {
    const queue = this.due[publisher]!;
    let at = queue.head;
    while (at < queue.entries.length && queue.entries[at]!.number < number) ++at;
    if (queue.entries[at]?.number !== number) {
      if (queue.passed.delete(number)) ++this.unordered;
      else ++this.surplus;
      return;
    }
    for (; queue.head < at; ++queue.head)
      queue.passed.set(queue.entries[queue.head]!.number, queue.entries[queue.head]!);
    ++queue.head;
    ++this.heard;
    if (queue.head >= 1_024) {
      queue.entries.splice(0, queue.head);
      queue.head = 0;
    }
  }

  /** How many may still come. */
  get open() {
    return this.due.reduce((sum, queue) => sum + queue.entries.length - queue.head, 0);
  }
  /** What has not come. */
  get unheard(): Entry[] {
    return this.due.flatMap((queue) => [...queue.passed.values(), ...queue.entries.slice(queue.head)]);
  }
}
