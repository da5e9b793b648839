import { type Column, type ColumnType, type Entity, rulesOf } from "@/lib/catalog";

import { rawName } from "./raw-rows";
import { literal } from "./sql-text";

/** The only spellings of an instant that are read (R3). Every field is in its range: best-effort parsing would carry 25:00 over, and take the year 0000 for this one. */
const YEAR = String.raw`(?:[1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])`;
const DATE = String.raw`${YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?`;
const OFFSET = String.raw`(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)`;
const ISO_8601 = String.raw`^${DATE}(?:[T ]${CLOCK})?\s*${OFFSET}?$`;
const E_MAIL = String.raw`^[^@\s]+@[^@\s]+\.[^@\s]+$`;
const NUMBER = String.raw`^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$`;

/** Digits behind the point kept before rounding to 2; cutting the rest cannot move a value over a half. */
const GUARD_DIGITS = 20;
/** The first number with more digits before the point than a decimal column has. */
const DECIMAL_BOUND = "10000000000000000";

const STORED_TYPE: Record<ColumnType, string> = {
  text: "String",
  decimal: "Decimal64(2)",
  integer: "UInt32",
  datetime: "DateTime64(3, 'UTC')",
};

/** The ClickHouse type of a business column in the log and in the history. */
export function storedType(column: Column): string {
  const type = STORED_TYPE[column.type];
  return column.required ? type : `Nullable(${type})`;
}

/** The name of a field's text without the blanks around it; '' where there is none. */
function textName(field: string): string {
  return `text_${field}`;
}

/** Gives a field's text its name, which what is made of it repeats: naming costs nothing, repeating what is named does. */
function named(field: string): string {
  return `trimBoth(ifNull(${rawName(field)}, '')) AS ${textName(field)}`;
}

/** An instant from a named text: UTC milliseconds, digits behind them cut off, NULL where it is none (R3). */
function instant(text: string): string {
  return `if(match(${text}, ${literal(ISO_8601)}), parseDateTime64BestEffortOrNull(${text}, 3, 'UTC'), NULL)`;
}

/**
 * A number from text, digit by digit and with no float in between; NULL where it is none or beyond any column. The pattern is
 * asked first, for the conversion alone takes "." and "e3" for 0 and "1.5.5" for 1.55.
 */
function exact(text: string): string {
  return `if(match(${text}, ${literal(NUMBER)}), toDecimal128OrNull(${text}, ${GUARD_DIGITS}), NULL)`;
}

/** Aliases that give a field's value in its column's type under its own name, NULL where it has none or cannot be read (R2). */
function typed({ name, type }: Pick<Column, "name" | "type">): string[] {
  const text = textName(name);
  switch (type) {
    case "text":
      return [`${rawName(name)} AS ${name}`];
    case "datetime":
      return [named(name), `${instant(text)} AS ${name}`];
    case "decimal":
      return [
        named(name),
        `accurateCastOrNull(round(${exact(text)}, 2), 'Decimal64(2)') AS rounded_${name}`,
        `if(abs(rounded_${name}) < ${DECIMAL_BOUND}, rounded_${name}, NULL) AS ${name}`,
      ];
    case "integer":
      // Casting the decimal itself to UInt32 throws where it is too large, and cuts a fraction off silently.
      return [
        named(name),
        `${exact(text)} AS exact_${name}`,
        `toInt64(exact_${name}) AS whole_${name}`,
        `if(whole_${name} = exact_${name}, accurateCastOrNull(whole_${name}, 'UInt32'), NULL) AS ${name}`,
      ];
  }
}

/** Aliases of each business column's typed value under its own name, and of `last_updated`. */
export function typedColumns(entity: Entity): string[] {
  return [...entity.columns, { name: "last_updated", type: "datetime" } as const].flatMap(typed);
}

interface Check {
  readonly field: string;
  readonly rule: string;
  /** True where the record breaks the rule. */
  readonly broken: string;
  readonly message: string;
}

function checksOf(column: Column): Check[] {
  const raw = rawName(column.name);
  const text = textName(column.name);
  const unreadable = `isNull(${column.name}) AND notEmpty(${text})`;
  return rulesOf(column).map((rule): Check => {
    const check = (broken: string, message: string): Check => ({
      field: column.name,
      rule,
      broken,
      message,
    });
    switch (rule) {
      case "required":
        // '' is a value of a text column and none of any other (R2).
        return check(
          column.type === "text" ? `isNull(${raw})` : `empty(${text})`,
          literal("is missing"),
        );
      case "numeric":
        return check(
          unreadable,
          `if(match(${text}, ${literal(NUMBER)}), 'is larger than 16 digits before the point', 'is not a number')`,
        );
      case "integer":
        return check(
          unreadable,
          `if(match(${text}, ${literal(NUMBER)}), 'is not a whole number from 0 to 4294967295', 'is not a number')`,
        );
      case "datetime":
        return check(unreadable, literal("is not an ISO 8601 date or time"));
      case "email":
        return check(
          `notEmpty(ifNull(${raw}, '')) AND NOT match(ifNull(${raw}, ''), ${literal(E_MAIL)})`,
          literal("is not an e-mail address"),
        );
      default:
        throw new Error(`Rule ${rule} does not belong to a column`);
    }
  });
}

/** Rules that hold for delete markers too (R7: the id alone is needed). */
function identityChecks(entity: Entity): Check[] {
  const id = rawName(entity.idColumn);
  return [
    {
      field: entity.idColumn,
      rule: "required",
      broken: `empty(ifNull(${id}, ''))`,
      message: literal("is missing or empty"),
    },
    {
      field: "last_updated",
      rule: "datetime",
      broken: `isNull(last_updated) AND notEmpty(${textName("last_updated")})`,
      message: literal("is not an ISO 8601 date or time"),
    },
  ];
}

/** The name of what is true where a record breaks a rule. */
function flagName({ field, rule }: Check): string {
  return `breaks_${rule}_${field}`;
}

/**
 * Aliases of what a record is, `kind`: 'rejected', 'delete' or 'upsert', and of which rules it breaks. They expect the columns of
 * raw-rows.ts and the aliases of {@link typedColumns}.
 */
export function kindOf(entity: Entity): string[] {
  const identity = identityChecks(entity);
  const attributes = entity.columns.flatMap(checksOf);
  const any = (checks: readonly Check[]): string => checks.map(flagName).join(" OR ");
  return [
    ...[...identity, ...attributes].map((check) => `(${check.broken}) AS ${flagName(check)}`),
    `multiIf(notEmpty(problem) OR ${any(identity)}, 'rejected', deleted, 'delete', ${attributes.length > 0 ? any(attributes) : "false"}, 'rejected', 'upsert') AS kind`,
  ];
}

/** All errors of a record that was rejected, as Array(Tuple(field, rule, message, value)). Expects the aliases of {@link kindOf}. */
export function errorsOf(entity: Entity): string {
  const item = (check: Check, applies: string): string => {
    const value = `substring(ifNull(${rawName(check.field)}, ''), 1, 200)`;
    return `(${literal(check.field)}, ${literal(check.rule)}, if(${applies} AND ${flagName(check)}, ${check.message}, ''), ${value})`;
  };
  const checks = [
    "('', problem_rule, problem, '')",
    ...identityChecks(entity).map((check) => item(check, "empty(problem)")),
    ...entity.columns
      .flatMap(checksOf)
      .map((check) => item(check, "empty(problem) AND NOT deleted")),
  ];
  return `arrayFilter(error -> notEmpty(error.3), [
    ${checks.join(",\n    ")}])`;
}

const NOTHING: Record<ColumnType, string> = {
  text: "''",
  decimal: "toDecimal64(0, 2)",
  integer: "toUInt32(0)",
  datetime: "toDateTime64(0, 3, 'UTC')",
};

/**
 * A value that stands for NULL: under the hash, where the mask of NULLs tells it from the real one, and in a required
 * column of a record that is no upsert.
 */
export function nothing(column: Column): string {
  return NOTHING[column.type];
}

/**
 * The 128-bit hash of a record's typed business values (R2). Each value is hashed on its own, so column
 * boundaries cannot shift, and a mask of NULLs goes in too, so NULL is unlike any value. Columns that
 * joined later are chained on only where they have a value: records from before keep their hash.
 */
export function recordHash(entity: Entity): string {
  const first = entity.columns.filter((column) => !column.addedLater);
  const later = entity.columns.filter((column) => column.addedLater);
  const mask = first.map(
    (column, index) => `bitShiftLeft(toUInt64(isNull(${column.name})), ${index})`,
  );
  const values = first.map((column) => `ifNull(${column.name}, ${nothing(column)})`);
  const base = `xxh3_128(${[mask.join(" + ") || "0", ...values].join(", ")})`;
  return later.reduce(
    (hash, column) =>
      `if(isNull(${column.name}), ${hash}, xxh3_128(${hash}, ${literal(column.name)}, assumeNotNull(${column.name})))`,
    base,
  );
}
