/** How a canonical value is read, stored and compared. Conformance rules R2 and R3. */
export type ColumnType =
  /** Any text, untouched; NULL and '' are different values. */
  | "text"
  /** 18 digits, 2 of them behind the point, rounded half away from zero. */
  | "decimal"
  /** 0 to 4 294 967 295. */
  | "integer"
  /** An instant in UTC, cut to the millisecond. */
  | "datetime";

/** A business column of an entity. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** A record without a value here is rejected; a delete marker needs none. */
  readonly required?: true;
  /** A further check on text. */
  readonly format?: "email";
  /**
   * Set on a column that joined the entity after history had been stored. Such a column enters the
   * record hash only where it has a value, so that what was stored before it keeps its hash (R2).
   */
  readonly addedLater?: true;
}

/** One canonical table: the only place where its columns, types, key and rules stand. */
export interface Entity {
  /** The table's name in the store, in SQL, in the API and on screen. */
  readonly name: string;
  /** What one record is called on screen, with a capital. */
  readonly label: string;
  readonly idColumn: string;
  /** The column whose current value tells a person which record this is. */
  readonly titleColumn: string;
  /** Business columns without the id, in the order of the migrations and of the export. */
  readonly columns: readonly Column[];
}

/** The validation rules a record can break. */
export const RULES = [
  "json",
  "encoding",
  "required",
  "numeric",
  "integer",
  "email",
  "datetime",
] as const;
export type Rule = (typeof RULES)[number];

/** The rules that apply to a column, beside being readable at all. */
export function rulesOf(column: Column): Rule[] {
  const rules: Rule[] = [];
  if (column.required) rules.push("required");
  if (column.type === "decimal") rules.push("numeric");
  if (column.type === "integer") rules.push("integer");
  if (column.type === "datetime") rules.push("datetime");
  if (column.format === "email") rules.push("email");
  return rules;
}
