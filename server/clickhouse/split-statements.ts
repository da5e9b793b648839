/**
 * Cuts a migration file into statements at the semicolons that stand outside of strings, quoted names and comments.
 * Comments before a statement are dropped, comments within it stay.
 *
 * @returns the statements without their semicolons; empty ones are left out
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  // A quoted piece, a comment, a semicolon, or a run of anything else.
  const pieces =
    /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"`;\-/]+|[-/]/g;
  let current = "";
  const finish = (): void => {
    const statement = current.trim();
    if (statement !== "") statements.push(statement);
    current = "";
  };
  for (const [piece] of text.matchAll(pieces)) {
    const isComment = piece.startsWith("--") || piece.startsWith("/*");
    if (piece === ";") finish();
    else if (!isComment || current.trim() !== "") current += piece;
  }
  finish();
  return statements;
}
