import type { ConformanceCase } from "./conformance-case";

type Row = Record<string, unknown>;

const VERSION_COLUMNS = new Set(["effective_start_date", "effective_end_date", "is_current"]);

/**
 * Where the exported history of a case differs from what the case expects. Rows are matched by
 * (tenant, id, start); columns that the case does not use must be null.
 *
 * @param testCase the case with its expected rows
 * @param idColumn the id column of the case's table
 * @param actual per tenant of the case, the rows in export form
 * @returns one line for each difference, none when the history is right
 */
export function caseDiff(
  testCase: ConformanceCase,
  idColumn: string,
  actual: ReadonlyMap<string, readonly Row[]>,
): string[] {
  const differences: string[] = [];
  const found = new Map<string, Row>();
  for (const [tenantId, rows] of actual) {
    for (const row of rows) {
      const key = rowKey(tenantId, row, idColumn);
      if (found.has(key)) differences.push(`twice: ${key}`);
      found.set(key, row);
    }
  }

  for (const expected of testCase.expected) {
    const key = rowKey(String(expected["tenant_id"]), expected, idColumn);
    const row = found.get(key);
    if (!row) {
      differences.push(`missing: ${key}`);
      continue;
    }
    found.delete(key);
    for (const column of new Set([...Object.keys(expected), ...Object.keys(row)])) {
      if (column === "tenant_id") continue;
      const want = expected[column] ?? null;
      const got = row[column] ?? null;
      if (want !== got)
        differences.push(
          `${key} ${column}: expected ${JSON.stringify(want)}, found ${JSON.stringify(got)}`,
        );
    }
  }
  for (const [key, row] of found) differences.push(`not expected: ${key} ${describe(row)}`);
  return differences;
}

function rowKey(tenantId: string, row: Row, idColumn: string): string {
  return JSON.stringify([tenantId, row[idColumn], row["effective_start_date"]]);
}

/** The end and the filled business columns of a row, enough to see what it is. */
function describe(row: Row): string {
  const filled = Object.entries(row).filter(
    ([column, value]) => value !== null && !VERSION_COLUMNS.has(column),
  );
  return JSON.stringify({
    ...Object.fromEntries(filled),
    effective_end_date: row["effective_end_date"] ?? null,
  });
}
