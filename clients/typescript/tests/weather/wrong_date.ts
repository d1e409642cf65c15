// A `Date` whose clock is wrong.
const RightDate = Date;

/** `wrongByMs`: asked at each reading. */
export function wrongDate(wrongByMs: () => number): DateConstructor {
  return class extends RightDate {
    constructor(...given: unknown[]) {
      if (given.length > 0) super(...(given as []));
      else super(RightDate.now() + wrongByMs());
    }
    static override now() {
      return RightDate.now() + wrongByMs();
    }
  } as DateConstructor;
}
