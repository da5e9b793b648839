import { versionsOf } from "./merge";
import { CREATION, type TableWork, heavySettings, historyTable, stagingTables } from "./table-work";

/** Creates the empty table that {@link compareVersions} fills. */
export async function createVersions(work: TableWork): Promise<void> {
  await work.db.command({
    name: "scd2.versions.create",
    settings: CREATION,
    sql: `CREATE OR REPLACE TABLE ${stagingTables(work).versions} (
  id String,
  starts DateTime64(3, 'UTC'),
  -- A tombstone that stays is kept too.
  change Enum8('kept' = 0, 'written' = 1, 'gone' = 2),
  -- Of a version that is to be.
  ends Nullable(DateTime64(3, 'UTC')),
  content_at DateTime64(3, 'UTC'),
  source_object LowCardinality(String),
  source_row UInt64,
  -- The content is in the batch; of the others it is in the log.
  is_fresh Bool,
  -- Of the row that is stored; a tombstone is none.
  was_stored Bool,
  was_current Bool,
  row_version UInt64
) ENGINE = MergeTree ORDER BY tuple()`,
  });
}

/** An end, comparable with = (NULL included). */
function end(of: string): string {
  return `ifNull(toUnixTimestamp64Milli(${of}), -9000000000000000)`;
}

/**
 * Holds the versions that the walk gives against what is stored of its entities. The history is read once: on a large table
 * nothing else of a merge costs as much as finding their rows. Grouping the few that are found costs a fraction of FINAL, which
 * merges before it knows which are wanted.
 */
export async function compareVersions(work: TableWork): Promise<void> {
  const { walk, versions } = stagingTables(work);
  const id = work.entity.idColumn;
  await work.db.command({
    name: "scd2.merge.compare",
    signal: work.signal,
    settings: {
      ...heavySettings(work),
      max_bytes_before_external_group_by: String(Math.floor(work.maxMemoryBytes / 2)),
    },
    params: { tenant_id: work.tenantId },
    sql: `INSERT INTO ${versions}
SELECT ifNull(wanted.id, stored.id), ifNull(wanted.starts, stored.starts),
  multiIf(
    isNull(wanted.id), if(stored.newest.4, 'kept', 'gone'),
    isNull(stored.id) OR stored.newest.4 OR wanted.record_hash != stored.newest.2 OR ${end("wanted.ends")} != ${end("stored.newest.1")}, 'written',
    'kept'),
  wanted.ends, ifNull(wanted.content_at, toDateTime64(0, 3, 'UTC')), ifNull(wanted.source_object, ''), ifNull(wanted.source_row, 0),
  ifNull(wanted.is_fresh, false),
  isNotNull(stored.id) AND NOT stored.newest.4, isNotNull(stored.id) AND NOT stored.newest.4 AND stored.newest.3, ifNull(newest_version, 0)
FROM (${versionsOf(walk)}) AS wanted
FULL JOIN (
  SELECT ${id} AS id, effective_start_date AS starts, max(row_version) AS newest_version,
    argMax((effective_end_date, record_hash, is_current, is_deleted), row_version) AS newest
  FROM ${historyTable(work.entity)}
  PREWHERE tenant_id = {tenant_id:String} AND ${id} IN (SELECT id FROM ${walk})
  GROUP BY id, starts
) AS stored ON wanted.id = stored.id AND wanted.starts = stored.starts`,
  });
}
