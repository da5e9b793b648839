import { z } from "zod";

import type { PlanDiff } from "@/lib/contracts/plans";
import { type TableWork, historyTable, stagingTables } from "@/server/scd2/table-work";

import { sampleEntities } from "./plan-figures";

/** Entities shown of each effect. */
const OF_EACH = 5;
/** Characters of a value that are shown. */
const SHOWN = 300;

/** A sample of what publishing would change: the current version of some entities before and after, field by field. */
export async function sampleDiffs(
  work: TableWork,
  mode: "bulk" | "incremental",
): Promise<PlanDiff[]> {
  const sample = await sampleEntities(work, mode, OF_EACH);
  if (sample.length === 0) return [];
  const ids = sample.map((entity) => entity.id);
  const [before, after] = await Promise.all([
    currentRows(work, historyTable(work.entity), ids),
    currentRows(work, stagingTables(work).delta, ids),
  ]);
  return sample.map(({ id, effect, versions }) => {
    const a = before.get(id);
    // What the delta does not have of a past change is as it was.
    const b = effect === "deleted" ? undefined : (after.get(id) ?? a);
    return {
      entityId: id.slice(0, SHOWN),
      effect,
      versions,
      fields: work.entity.columns
        .map(({ name }) => ({ name, a: a?.[name] ?? null, b: b?.[name] ?? null }))
        .filter((field) => effect === "changed" || field.a !== null || field.b !== null)
        .filter((field) => effect !== "past" || field.a !== field.b),
    };
  });
}

async function currentRows(
  work: TableWork,
  table: string,
  ids: readonly string[],
): Promise<Map<string, Readonly<Record<string, string | null>>>> {
  const { entity } = work;
  const values = entity.columns.map(
    ({ name }) =>
      `if(isNull(${name}), NULL, substringUTF8(toString(assumeNotNull(${name})), 1, ${SHOWN}))`,
  );
  const rows = await work.db.rows(
    {
      name: "plans.current-rows",
      signal: work.signal,
      params: { tenant_id: work.tenantId, ids },
      sql: `SELECT ${entity.idColumn} AS entity, [${values.join(", ")}] AS shown FROM ${table} FINAL
WHERE tenant_id = {tenant_id:String} AND ${entity.idColumn} IN {ids:Array(String)} AND is_current`,
    },
    z.object({ entity: z.string(), shown: z.array(z.string().nullable()) }),
  );
  return new Map(
    rows.map((row) => [
      row.entity,
      Object.fromEntries(entity.columns.map(({ name }, index) => [name, row.shown[index] ?? null])),
    ]),
  );
}
