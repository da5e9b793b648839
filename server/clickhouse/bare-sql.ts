/**
 * A statement without its comments and without the text of its literals and quoted names, for rules that look at the SQL
 * itself: what only stands in a comment or a string does not count.
 *
 * @param sql the whole statement
 * @returns the statement with each comment and each quoted part replaced by a space
 */
export function bareSql(sql: string): string {
  return sql.replaceAll(
    /--[^\n]*|#![^\n]*|# [^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`\\]|\\[\s\S]|``)*`/g,
    " ",
  );
}
