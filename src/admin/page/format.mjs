// Numbers and times for people.
const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

export const number = (value) => (Math.abs(value) < 100 ? short : whole).format(value);

export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value,
    unit = 0;
  for (; size >= 1024 && unit < units.length - 1; ++unit) size /= 1024;
  return `${number(size)} ${units[unit]}`;
}

export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 90) return `${number(Math.max(0, seconds))} s`;
  if (seconds < 90 * 60) return `${number(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${number(seconds / 3600)} h`;
  return `${number(seconds / 86_400)} d`;
}

/** Epoch ms or ISO 8601, in the time zone of the browser, to the second. */
export function time(value) {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? String(value) : date.toLocaleString("sv-SE");
}
