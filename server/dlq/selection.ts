import "server-only";
import { ulid } from "ulid";
import { z } from "zod";
import type { Chosen, DeadLetterSelection } from "@/lib/contracts/dlq-commands";
import { type DeadLetterFilter, bindDeadLetters } from "@/server/analytics/dead-letter-filter";
import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { AppError } from "@/server/errors";
import { type TenantScope, assertTenantScope } from "@/server/tenant-scope";

/** So many dead letters can be chosen at once. */
export const MOST_CHOSEN = 20_000;

const Counted = z.object({
  records: zCount,
  objects: zCount,
  runs: zCount,
  tables: z.array(z.string()),
});

/**
 * Freezes what a filter matches now, or what was picked: the selection keeps the dead letters' ids, so that what arrives
 * later is not swept in.
 *
 * @throws AppError `conflict` where nothing matches, `invalid-input` where more than {@link MOST_CHOSEN} do
 */
export async function freezeSelection(
  db: Db,
  scope: TenantScope,
  wanted: { readonly ids: readonly string[] } | { readonly filter: DeadLetterFilter },
  createdBy: string,
): Promise<DeadLetterSelection> {
  assertTenantScope(scope);
  const selectionId = ulid();
  const { clauses, params } =
    "ids" in wanted
      ? { clauses: ["dead_letter_id IN {ids:Array(String)}"], params: { ids: [...wanted.ids] } }
      : bindDeadLetters({ ...wanted.filter, tenantId: undefined });
  await db.command({
    name: "dlq.freeze",
    params: {
      ...params,
      tenant_id: scope.tenantId,
      selection_id: selectionId,
      created_by: createdBy,
    },
    sql: `INSERT INTO dead_letter_selections
SELECT {selection_id:String}, tenant_id, table_name, kind, dead_letter_id, {created_by:String}, now64(3)
FROM dead_letters FINAL
WHERE ${["tenant_id = {tenant_id:String}", ...clauses].join(" AND ")}
LIMIT ${MOST_CHOSEN + 1}`,
  });
  const selection = await readSelection(db, scope, selectionId);
  const count = selection.records + selection.objects + selection.runs;
  if (count > MOST_CHOSEN) {
    throw new AppError(
      "invalid-input",
      `More than ${MOST_CHOSEN} dead letters match. Narrow the filter, and do the rest after.`,
    );
  }
  return selection;
}

/**
 * What a selection holds.
 *
 * @throws AppError `conflict` where it holds nothing
 */
export async function readSelection(
  db: Db,
  scope: TenantScope,
  selectionId: string,
): Promise<DeadLetterSelection> {
  assertTenantScope(scope);
  const counted = await db.row(
    {
      name: "dlq.selection",
      params: { tenant_id: scope.tenantId, selection_id: selectionId },
      sql: `SELECT countIf(kind = 'record') AS records, countIf(kind = 'object') AS objects, countIf(kind = 'run') AS runs,
  arraySort(groupUniqArray(toString(table_name))) AS tables
FROM dead_letter_selections
WHERE selection_id = {selection_id:String} AND tenant_id = {tenant_id:String}`,
    },
    Counted,
  );
  const count = counted.records + counted.objects + counted.runs;
  if (count === 0) throw new AppError("conflict", "No dead letter of this tenant matches.");
  return { selectionId, count, ...counted };
}

/** The selection of what was chosen: the one that was frozen before, or one of the ids. */
export async function selectionOf(
  db: Db,
  scope: TenantScope,
  chosen: Chosen,
  createdBy: string,
): Promise<DeadLetterSelection> {
  return chosen.selectionId === undefined
    ? freezeSelection(db, scope, { ids: chosen.ids ?? [] }, createdBy)
    : readSelection(db, scope, chosen.selectionId);
}
