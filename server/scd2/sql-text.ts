/** Joins the non-empty parts of a statement, one a line. Clauses that do not apply are left out, not neutralised. */
export function lines(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part): part is string => typeof part === "string" && part !== "").join("\n");
}

/** A comma-separated list, one item a line. */
export function list(items: readonly string[]): string {
  return items.join(",\n  ");
}

/**
 * A text literal. Only for constants of our own (rule names, patterns, messages) and for names that were
 * checked against a closed pattern; values from outside are bound as parameters.
 */
export function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
