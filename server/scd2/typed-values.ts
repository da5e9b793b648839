import { type Column, type ColumnType, type Entity, rulesOf } from "@/lib/catalog";

import { rawName } from "./raw-rows";
import { list, literal } from "./sql-text";

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

/** Text without the blanks around it; '' where there is none. */
function trimmed(raw: string): string {
  return `trimBoth(ifNull(${raw}, ''))`;
}

/** An instant from text: UTC milliseconds, digits behind them cut off, NULL where it is none (R3). */
export function instant(raw: string): string {
  const text = trimmed(raw);
  return `if(match(${text}, ${literal(ISO_8601)}), parseDateTime64BestEffortOrNull(${text}, 3, 'UTC'), NULL)`;
}

/**
 * A number from text, digit by digit and with no float in between; NULL where it is none or beyond any column. The pattern is
 * asked first, for the conversion alone takes "." and "e3" for 0 and "1.5.5" for 1.55.
 */
function exact(raw: string): string {
  const text = trimmed(raw);
  return `if(match(${text}, ${literal(NUMBER)}), toDecimal128OrNull(${text}, ${GUARD_DIGITS}), NULL)`;
}

/** A field's value in its column's type, NULL where it has none or cannot be read (R2). */
function typed(column: Column): string {
  const raw = rawName(column.name);
  switch (column.type) {
    case "text":
      return raw;
    case "datetime":
      return instant(raw);
    case "decimal": {
      const value = `accurateCastOrNull(round(${exact(raw)}, 2), 'Decimal64(2)')`;
      return `if(abs(${value}) < ${DECIMAL_BOUND}, ${value}, NULL)`;
    }
    case "integer": {
      // Casting the decimal itself to UInt32 throws where it is too large, and cuts a fraction off silently.
      const whole = `toInt64(${exact(raw)})`;
      return `if(${whole} = ${exact(raw)}, accurateCastOrNull(${whole}, 'UInt32'), NULL)`;
    }
  }
}

/** SELECT items that give each business column its typed value under its own name. */
export function typedColumns(entity: Entity): string {
  return list(entity.columns.map((column) => `${typed(column)} AS ${column.name}`));
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
  const text = trimmed(raw);
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
      broken: `isNull(last_updated) AND notEmpty(${trimmed(rawName("last_updated"))})`,
      message: literal("is not an ISO 8601 date or time"),
    },
  ];
}

/**
 * What a record is: 'rejected', 'delete' or 'upsert'. Expects the columns of raw-rows.ts and the typed
 * columns, `last_updated` among them.
 */
export function kindOf(entity: Entity): string {
  const any = (checks: readonly Check[]): string =>
    checks.map((check) => `(${check.broken})`).join("\n    OR ");
  const attributes = entity.columns.flatMap(checksOf);
  return `multiIf(
    notEmpty(problem) OR ${any(identityChecks(entity))}, 'rejected',
    deleted, 'delete',
    ${attributes.length > 0 ? any(attributes) : "false"}, 'rejected',
    'upsert')`;
}

/** All errors of a record that was rejected, as Array(Tuple(field, rule, message, value)). */
export function errorsOf(entity: Entity): string {
  const item = (check: Check, applies: string): string => {
    const value = `substring(ifNull(${rawName(check.field)}, ''), 1, 200)`;
    return `(${literal(check.field)}, ${literal(check.rule)}, if(${applies} AND (${check.broken}), ${check.message}, ''), ${value})`;
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
