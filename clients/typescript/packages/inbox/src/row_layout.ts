// The places of rows with different heights, of which only the shown ones are known. No DOM.
interface Place {
  id: string;
  seq: number;
}

/** Heights of rows that are no longer in the list are dropped from time to time. */
const mostKnown = 20_000;

export class RowLayout {
  /** The height of a row that has not been shown. Fixed by the first rows, so that no row moves for another one. */
  #estimate = 0;
  #known = new Map<string, number>();
  #rows: readonly Place[] = [];
  #tops = new Float64Array(1);

  /** Newest first. */
  place(rows: readonly Place[]): void {
    this.#rows = rows;
    if (this.#known.size > mostKnown) this.#known.clear();
    if (this.#tops.length <= rows.length) this.#tops = new Float64Array(2 * rows.length + 1);
    let top = 0;
    rows.forEach(({ id }, n) => {
      this.#tops[n] = top;
      top += this.#known.get(id) ?? (this.#estimate || 80);
    });
    this.#tops[rows.length] = top;
  }

  /** Heights as they are on the screen; `place` has to follow when it answers true. */
  measure(heights: Iterable<[id: string, height: number]>): boolean {
    let isNew = false;
    let sum = 0;
    let count = 0;
    for (const [id, height] of heights) {
      isNew ||= this.#known.get(id) !== height;
      this.#known.set(id, height);
      sum += height;
      ++count;
    }
    if (count > 0) this.#estimate ||= sum / count;
    return isNew;
  }
  /** The width has changed, or the texts. */
  forget(): void {
    this.#known.clear();
  }

  get total(): number {
    return this.#tops[this.#rows.length]!;
  }
  /** Of the row `n`, or the end of the last row. */
  top(n: number): number {
    return this.#tops[Math.min(n, this.#rows.length)]!;
  }
  /** The row at `y`, the last one beyond the end; -1 without rows. */
  at(y: number): number {
    return this.#first((n) => this.#tops[n + 1]! > y, this.#rows.length - 1);
  }
  /** The first row that is not newer than `seq`; the number of rows when all are. */
  indexOf(seq: number): number {
    return this.#first((n) => this.#rows[n]!.seq <= seq, this.#rows.length);
  }
  /** The rows that `height` pixels from `y` on show: the first one, and the one after the last. */
  range(y: number, height: number): [number, number] {
    return [Math.max(0, this.at(y)), this.at(y + height) + 1];
  }

  #first(isIt: (n: number) => boolean, end: number): number {
    let low = 0;
    let high = end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isIt(middle)) high = middle;
      else low = middle + 1;
    }
    return Math.min(low, end);
  }
}
