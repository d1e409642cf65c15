// How long ago something happened, in words of a language.
export interface Times {
  /** Relative within a week, then the date. */
  ago(time: string, now: number): string;
  /** Date and time. */
  whole(time: string): string;
}

const units = [
  ["minute", 60],
  ["hour", 3_600],
  ["day", 86_400],
] as const;
const weekSeconds = 604_800;

export function timesIn(locale: string): Times {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
  return {
    ago(time, now) {
      const seconds = (now - Date.parse(time)) / 1_000;
      if (seconds >= weekSeconds) return date.format(new Date(time));
      // A device whose clock is behind sees times in the future.
      const [unit, length] = units.findLast(([, length]) => seconds >= length) ?? ["second", Infinity];
      return relative.format(-Math.floor(Math.max(0, seconds) / length), unit);
    },
    whole: (time) => whole.format(new Date(time)),
  };
}
