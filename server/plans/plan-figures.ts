import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";
import {
  type TableWork,
  heavySettings,
  historyTable,
  stagingTables,
} from "@/server/scd2/table-work";

const Sums = z.object({
  versionsOpened: zCount,
  versionsClosed: zCount,
  versionsAltered: zCount,
  versionsRemoved: zCount,
  entitiesNew: zCount,
  deletions: zCount,
});
export type VersionSums = z.infer<typeof Sums>;

/** What publishing the delta would do to the stored history, in versions and records. */
export async function countVersions(
  work: TableWork,
  mode: "bulk" | "incremental",
): Promise<VersionSums> {
  return work.db.row(
    {
      ...statement(work),
      name: "plans.count-versions",
      sql: `SELECT
  sum(opened) AS versionsOpened, sum(closed) AS versionsClosed, sum(altered) AS versionsAltered,
  sum(removed) AS versionsRemoved, countIf(effect = 'new') AS entitiesNew, countIf(effect = 'deleted') AS deletions
FROM (${entities(work, mode)})`,
    },
    Sums,
  );
}

const Sample = z.object({
  id: z.string(),
  effect: z.enum(["new", "changed", "deleted", "past"]),
  versions: zCount,
});

/** Some entities that publishing would change, of each effect, always the same ones for the same delta. */
export async function sampleEntities(
  work: TableWork,
  mode: "bulk" | "incremental",
  ofEach: number,
): Promise<z.infer<typeof Sample>[]> {
  return work.db.rows(
    {
      ...statement(work),
      name: "plans.sample",
      sql: `SELECT id, effect, opened + closed + altered + removed AS versions
FROM (${entities(work, mode)})
WHERE effect != ''
ORDER BY indexOf(['deleted', 'changed', 'new', 'past'], effect), cityHash64(id), id
LIMIT ${ofEach} BY effect`,
    },
    Sample,
  );
}

function statement(work: TableWork) {
  return {
    signal: work.signal,
    params: { tenant_id: work.tenantId },
    settings: {
      ...heavySettings(work),
      max_bytes_before_external_group_by: String(Math.floor(work.maxMemoryBytes / 2)),
    },
  };
}

/**
 * One row per entity that the delta concerns: what becomes of its versions, and what of it as a whole. A bulk load's delta
 * is the whole history to come; an increment's holds only version rows that change, and tombstones.
 */
function entities(work: TableWork, mode: "bulk" | "incremental"): string {
  const { delta } = stagingTables(work);
  const id = work.entity.idColumn;
  const version = `${id} AS id, effective_start_date AS starts, isNull(effective_end_date) AS is_open,
    ifNull(toUnixTimestamp64Milli(effective_end_date), 0) AS ends_ms, record_hash`;
  const stays =
    mode === "bulk" ? "false" : "is_stored AND NOT is_gone AND NOT (stored_open AND is_followed)";
  return `SELECT id, sum(is_opened) AS opened, sum(is_closed) AS closed, sum(is_altered) AS altered, sum(is_removed) AS removed,
  max(is_stored) AS was_known, max(is_stored AND stored_open) AS was_current, max(will_be_open) AS will_be_current,
  multiIf(
    NOT was_known AND opened > 0, 'new',
    was_current AND NOT will_be_current, 'deleted',
    max(is_current_changed), 'changed',
    opened + closed + altered + removed > 0, 'past',
    '') AS effect
FROM (
  SELECT id, is_stored, stored_open,
    is_planned OR ${stays} AS will_be,
    if(is_planned, planned_open, will_be AND stored_open) AS will_be_open,
    will_be AND NOT is_stored AS is_opened,
    is_stored AND NOT will_be AS is_removed,
    is_stored AND will_be AND stored_open AND NOT will_be_open AS is_closed,
    is_stored AND is_planned AND NOT is_closed
      AND (stored_open, stored_ends, stored_hash) != (planned_open, planned_ends, planned_hash) AS is_altered,
    will_be_open AND (NOT is_stored OR NOT stored_open OR is_altered) AS is_current_changed
  FROM (
    -- An entity has one current row: a new one takes the place of the one before it.
    SELECT id, starts, max(planned_open) OVER (PARTITION BY id) AS is_followed,
      max(side = 0) AS is_stored, max(side = 1) AS is_planned, max(side = 2) AS is_gone,
      maxIf(is_open, side = 0) AS stored_open, maxIf(ends_ms, side = 0) AS stored_ends, maxIf(record_hash, side = 0) AS stored_hash,
      maxIf(is_open, side = 1) AS planned_open, maxIf(ends_ms, side = 1) AS planned_ends, maxIf(record_hash, side = 1) AS planned_hash
    FROM (
      SELECT 0 AS side, ${version} FROM ${historyTable(work.entity)} FINAL
      WHERE tenant_id = {tenant_id:String} ${mode === "bulk" ? "" : `AND ${id} IN (SELECT ${id} FROM ${delta})`}
      UNION ALL
      SELECT if(is_deleted = 1, 2, 1) AS side, ${version} FROM ${delta}
    )
    GROUP BY id, starts
  )
)
GROUP BY id`;
}
