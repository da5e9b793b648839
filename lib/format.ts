/** Numbers and names as the console writes them. Pure: no clock, no locale of the machine. */

/** Narrow no-break space: between thousands, before a unit and before the per cent sign. A number never breaks over two lines. */
export const THIN = "\u202F";
export const MINUS = "\u2212";
/** A value that is not there. A database null is not this: it is written NULL, in mono. */
export const MISSING = "\u2013";

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/** A whole number in full, thousands by thin space: 1930411 → `1 930 411`. A missing one is `–`. Bigint passes through exactly. */
export function formatCount(value: number | bigint | null | undefined): string {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "number" && !Number.isFinite(value)) return MISSING;
  const text = typeof value === "bigint" ? value.toString() : Math.round(value).toFixed(0);
  return text.startsWith("-") ? MINUS + groupThousands(text.slice(1)) : groupThousands(text);
}

interface Unit {
  size: number;
  sign: string;
  /** Decimals for a figure below 10, below 100, and from 100. */
  decimals: readonly [number, number, number];
}

const COUNT_UNITS: readonly Unit[] = [
  { size: 1e9, sign: "G", decimals: [2, 1, 0] },
  { size: 1e6, sign: "M", decimals: [2, 1, 0] },
  { size: 1e3, sign: "k", decimals: [1, 1, 0] },
];

const BYTE_UNITS: readonly Unit[] = [
  { size: 1e12, sign: "TB", decimals: [2, 1, 0] },
  { size: 1e9, sign: "GB", decimals: [2, 1, 0] },
  { size: 1e6, sign: "MB", decimals: [1, 1, 0] },
  { size: 1e3, sign: "kB", decimals: [1, 1, 0] },
];

function scale(value: number, units: readonly Unit[]): string | null {
  const magnitude = Math.abs(value);
  for (const [index, unit] of units.entries()) {
    if (magnitude < unit.size) continue;
    const figure = magnitude / unit.size;
    const places =
      figure < 9.995 ? unit.decimals[0] : figure < 99.95 ? unit.decimals[1] : unit.decimals[2];
    const text = figure.toFixed(places);
    const larger = units[index - 1];
    // 999 999 is not "1000 k": what rounds up to a thousand belongs to the next unit.
    if (Number(text) >= 1000 && larger)
      return `${(magnitude / larger.size).toFixed(larger.decimals[0])}${THIN}${larger.sign}`;
    return `${text}${THIN}${unit.sign}`;
  }
  return null;
}

/** A number in two or three figures: 3110000 → `3.11 M`, 41200 → `41.2 k`, 412 → `412`. For places where the exact value is one hover away. */
export function formatShort(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  const text = scale(value, COUNT_UNITS);
  if (text === null) {
    const small =
      Math.abs(value) < 10 && !Number.isInteger(value)
        ? Math.abs(value).toFixed(1)
        : Math.abs(value).toFixed(0);
    return value < 0 && Number(small) !== 0 ? MINUS + small : small;
  }
  return value < 0 ? MINUS + text : text;
}

/** Bytes in decimal units: 2840000000 → `2.84 GB`, 512 → `512 B`. */
export function formatBytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  return scale(value, BYTE_UNITS) ?? `${value.toFixed(0)}${THIN}B`;
}

/** Rows a second: 41200 → `41.2 k rows/s`. */
export function formatRate(rowsPerSecond: number | null | undefined): string {
  return rowsPerSecond === null || rowsPerSecond === undefined
    ? MISSING
    : `${formatShort(rowsPerSecond)} rows/s`;
}

/**
 * A share as per cent: 0.061 → `6.1 %`, 0.62 → `62 %`. One decimal below ten. What is more than nothing never reads as zero, what is less than
 * all never reads as a hundred.
 * @param share 0 to 1
 */
export function formatPercent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return MISSING;
  const percent = Math.abs(share) * 100;
  const sign = share < 0 ? MINUS : "";
  if (percent === 0) return `0${THIN}%`;
  if (percent < 0.05) return `<${THIN}0.1${THIN}%`;
  if (percent < 9.95) return `${sign}${percent.toFixed(1)}${THIN}%`;
  if (percent < 100 && percent >= 99.5) return `${sign}99.9${THIN}%`;
  return `${sign}${percent.toFixed(0)}${THIN}%`;
}

/** A share with two decimals, for ledgers where parts are compared: 0.0077 → `0.77 %`. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return MISSING;
  return `${(share * 100).toFixed(2)}${THIN}%`;
}

/** A difference with its sign: −5, +5, 0. */
export function formatSigned(value: number): string {
  return value > 0 ? `+${formatCount(value)}` : formatCount(value);
}

/** `1 row`, `2 rows`, `1 930 411 rows`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Cuts an id in the middle, so that its start (time) and its end (chance) both show: `01JD9K…7QJ4`. */
export function truncateId(id: string, head = 6, tail = 4): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`;
}

/** Cuts an object key at its start, at a slash where there is one: `…/time_entries/2026-11-21T23-30.ndjson.gz`. */
export function truncateKey(key: string, max = 44): string {
  if (key.length <= max) return key;
  const tail = key.slice(key.length - (max - 1));
  const slash = tail.indexOf("/");
  return `…${slash > 0 && slash < tail.length - 8 ? tail.slice(slash) : tail}`;
}

/** The names of a list in words, the rest as a number: `company_id, board and 8 more`. */
export function listNames(names: readonly string[], shown = 6): string {
  if (names.length <= shown + 1) return names.join(", ");
  return `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;
}
