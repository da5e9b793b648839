import { z } from "zod";
import type { Column, Entity } from "@/lib/catalog";

/**
 * What a person may type for a record of an entity: every field's text, null where it has none. The same rules as the
 * engine's own (server/scd2/typed-values.ts), in the same words; a test holds the two against each other.
 */
export type RecordText = Readonly<Record<string, string | null>>;

/** Fields of a record beside its business columns that a person may mend. */
export const RECORD_METADATA = ["last_updated", "_deleted"] as const;

/** How many characters one field of an edit may have. */
export const FIELD_CHARACTERS = 200_000;

const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?`;
const OFFSET = String.raw`(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)`;
const ISO_8601 = new RegExp(String.raw`^${DATE}(?:[T ]${CLOCK})?[ \t]*${OFFSET}?$`);
const E_MAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const LARGEST_INTEGER = 4_294_967_295;
const DECIMAL_DIGITS = 16;
/** More digits than any column has; a larger exponent only makes the number longer. */
const LARGEST_EXPONENT = 400;

export const MESSAGES = {
  missing: "is missing",
  noId: "is missing or empty",
  number: "is not a number",
  largeNumber: "is larger than 16 digits before the point",
  integer: "is not a whole number from 0 to 4294967295",
  time: "is not an ISO 8601 date or time",
  email: "is not an e-mail address",
} as const;

/** The names of the fields that an edit may set, in the order of the form. */
export function editableFields(entity: Entity): string[] {
  return [entity.idColumn, ...entity.columns.map((column) => column.name), ...RECORD_METADATA];
}

/** Text without the blanks around it; '' where there is none. */
function trimmed(value: string | null | undefined): string {
  return (value ?? "").replaceAll(/^ +| +$/g, "");
}

/** The day exists in its month; what the pattern alone lets through is 30 February. */
function isTime(text: string): boolean {
  if (!ISO_8601.test(text)) return false;
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** What is wrong with a column's text, or undefined. */
function columnFault(column: Column, value: string | null | undefined): string | undefined {
  const text = trimmed(value);
  const isText = column.type === "text";
  if (column.required && (isText ? value == null : text === "")) return MESSAGES.missing;
  if (column.format === "email" && (value ?? "") !== "" && !E_MAIL.test(value ?? ""))
    return MESSAGES.email;
  if (isText || text === "") return undefined;
  if (column.type === "datetime") return isTime(text) ? undefined : MESSAGES.time;
  if (!NUMBER.test(text)) return MESSAGES.number;
  const { isNegative, whole, fraction } = digitsOf(text);
  if (column.type === "decimal") {
    // Rounded to 2 digits, nines can become one digit more.
    const isCarried = /^9{16}$/.test(whole) && /^99[5-9]/.test(fraction);
    return whole.length > DECIMAL_DIGITS || isCarried ? MESSAGES.largeNumber : undefined;
  }
  const isWhole = !/[1-9]/.test(fraction) && (!isNegative || whole === "");
  return isWhole && whole.length <= 10 && Number(whole) <= LARGEST_INTEGER
    ? undefined
    : MESSAGES.integer;
}

/** A number's digits before and behind the point, without leading zeros; a double would round them. */
function digitsOf(number: string): { isNegative: boolean; whole: string; fraction: string } {
  const [mantissa = "", power = "0"] = number.replace(/^[+-]/, "").split(/[eE]/);
  const [before = "", behind = ""] = mantissa.split(".");
  const shift = Math.max(-LARGEST_EXPONENT, Math.min(LARGEST_EXPONENT, Number(power)));
  const point = before.length + shift;
  const digits = `${"0".repeat(Math.max(0, -point))}${before}${behind}`.padEnd(point, "0");
  const at = Math.max(0, point);
  return {
    isNegative: number.startsWith("-"),
    whole: digits.slice(0, at).replace(/^0+/, ""),
    fraction: digits.slice(at),
  };
}

/**
 * The schema of a record of an entity as text, made from the catalogue. Each issue's path is the field's name. A delete
 * marker (`_deleted` is `true`) needs its id alone (R7).
 */
export function recordSchema(entity: Entity): z.ZodType<RecordText> {
  return z
    .record(
      z.string(),
      z.string().max(FIELD_CHARACTERS, `At most ${FIELD_CHARACTERS} characters.`).nullable(),
    )
    .superRefine((record, context) => {
      const refuse = (field: string, message: string): void =>
        context.addIssue({ code: "custom", path: [field], message });
      if ((record[entity.idColumn] ?? "") === "") refuse(entity.idColumn, MESSAGES.noId);
      const updated = trimmed(record["last_updated"]);
      if (updated !== "" && !isTime(updated)) refuse("last_updated", MESSAGES.time);
      const deleted = record["_deleted"] ?? "";
      if (!["", "true", "false"].includes(deleted)) refuse("_deleted", "is neither true nor false");
      if (deleted === "true") return;
      for (const column of entity.columns) {
        const fault = columnFault(column, record[column.name]);
        if (fault !== undefined) refuse(column.name, fault);
      }
    });
}

/** What is wrong with a record, one message a field; empty where it passes all rules. */
export function recordFaults(entity: Entity, record: RecordText): Record<string, string> {
  const result = recordSchema(entity).safeParse(record);
  const faults: Record<string, string> = {};
  for (const issue of result.error?.issues ?? []) faults[String(issue.path[0])] ??= issue.message;
  return faults;
}
