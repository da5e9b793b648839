import { literal } from "./sql-text";

/** Characters of a shape that count: where two long texts part later, they still fail alike. */
const SHAPE_CHARACTERS = 40;

/**
 * The shape of a text, as SQL: runs of letters are one `a`, runs of digits one `9`, runs of blanks one blank; what is
 * between them stands for itself. `"12,50"` and `"7,5"` have the same.
 */
export function shapeOf(value: string): string {
  const steps: readonly (readonly [string, string])[] = [
    [String.raw`\\p{L}+`, "a"],
    [String.raw`\\p{N}+`, "9"],
    [String.raw`\\s+`, " "],
  ];
  const shape = steps.reduce(
    (text, [run, sign]) => `replaceRegexpAll(${text}, '${run}', ${literal(sign)})`,
    `toValidUTF8(${value})`,
  );
  return `substringUTF8(${shape}, 1, ${SHAPE_CHARACTERS})`;
}

/**
 * The fingerprint under which equal failures are grouped, as SQL: table, rule, field and the shape of the value.
 *
 * @param table an expression that gives the table's name
 * @param error an expression that gives a record's first error, as a tuple with `rule`, `field` and `value`
 */
export function fingerprintOf(table: string, error: string): string {
  return `lower(leftPad(hex(xxh3(${table}, ${error}.rule, ${error}.field, ${shapeOf(`${error}.value`)})), 16, '0'))`;
}
