// What one client is to hear, of each publisher in the order in which it published; held against what it hears.
export class Ledger {
  heard = 0;
  lost = 0;        // never came, or after a later one of the same publisher
  unordered = 0;   // of these, the ones that came late
  surplus = 0;     // came twice, or were for somebody else
  private readonly due: { numbers: number[]; head: number; passed: Set<number> }[];

  constructor(publishers: number) {
    this.due = Array.from({ length: publishers }, () => ({ numbers: [], head: 0, passed: new Set<number>() }));
  }

  /** Before it is published. */
  expect(publisher: number, number: number) { this.due[publisher]!.numbers.push(number); }

  hear(publisher: number, number: number) {
    const queue = this.due[publisher]!;
    const at = queue.numbers[queue.head] === number ? queue.head : queue.numbers.indexOf(number, queue.head);
    if (at < 0) {
      if (queue.passed.delete(number)) ++this.unordered; else ++this.surplus;
      return;
    }
    for (; queue.head < at; ++queue.head, ++this.lost) queue.passed.add(queue.numbers[queue.head]!);
    ++queue.head;
    ++this.heard;
    if (queue.head >= 1_024) {
      queue.numbers.splice(0, queue.head);
      queue.head = 0;
    }
  }

  /** How many are still to come. */
  get open() { return this.due.reduce((sum, queue) => sum + queue.numbers.length - queue.head, 0); }
}
