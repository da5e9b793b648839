import { versionsOf } from "./merge";
import {
  CLOSED_FROM,
  CREATION,
  type TableWork,
  heavySettings,
  historyTable,
  stagingTables,
} from "./table-work";
import { currentAsStored, isDerivedWhole } from "./touched";

/** Creates the empty table that {@link compareVersions} fills. */
export async function createVersions(work: TableWork): Promise<void> {
  await work.db.command({
    name: "scd2.versions.create",
    settings: CREATION,
    sql: `CREATE OR REPLACE TABLE ${stagingTables(work).versions} (
  id String,
  starts DateTime64(3, 'UTC'),
  record_hash UInt128,
  -- A tombstone that stays is kept too.
  change Enum8('kept' = 0, 'written' = 1, 'gone' = 2),
  -- Of a version that is to be.
  ends Nullable(DateTime64(3, 'UTC')),
  -- Current rows of the history are few, and next to each other: a version that ends is taken from there.
  content_in Enum8('batch' = 0, 'log' = 1, 'current' = 2),
  -- Where the content is: as the walk has it, or the start of the current version, without an object.
  content_at DateTime64(3, 'UTC'),
  source_object LowCardinality(String),
  source_row UInt64,
  -- Of the row that is stored; a tombstone is none.
  was_stored Bool,
  was_current Bool,
  -- Its place in the history is to be empty: nothing that is written replaces it there.
  leaves Bool,
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
SELECT id, starts, record_hash, change, ends, content_in,
  if(content_in = 'current', starts, content_at), if(content_in = 'current', '', source_object), if(content_in = 'current', 0, source_row),
  was_stored, was_current,
  was_stored AND if(was_current, NOT becomes_current, change = 'gone' OR will_be_current), row_version
FROM (
  SELECT ifNull(wanted.id, stored.id) AS id, ifNull(wanted.starts, stored.starts) AS starts, ifNull(wanted.record_hash, 0) AS record_hash,
    isNotNull(stored.id) AND NOT stored.newest.3 AS was_stored, was_stored AND stored.newest.4 AS was_current,
    isNotNull(wanted.id) AND isNull(wanted.ends) AS will_be_current,
    max(will_be_current) OVER (PARTITION BY id) AS becomes_current,
    was_stored AND wanted.record_hash = stored.newest.2 AS is_same,
    multiIf(
      isNull(wanted.id), if(was_stored, 'gone', 'kept'),
      NOT is_same OR ${end("wanted.ends")} != ${end("stored.newest.1")}, 'written',
      'kept') AS change,
    wanted.ends AS ends,
    multiIf(wanted.is_fresh, 'batch', is_same AND was_current, 'current', 'log') AS content_in,
    ifNull(wanted.content_at, toDateTime64(0, 3, 'UTC')) AS content_at, ifNull(wanted.source_object, '') AS source_object,
    ifNull(wanted.source_row, 0) AS source_row, ifNull(newest_version, 0) AS row_version
  FROM (${versionsOf(walk)}) AS wanted
  FULL JOIN (
    -- A version can have been the current one and have become a closed one; one of the two is a tombstone, or neither is there.
    SELECT id, starts, max(newest_version) AS newest_version, argMax(newest, NOT newest.3) AS newest
    FROM (
      SELECT ${id} AS id, is_current, max(row_version) AS newest_version,
        argMax((effective_end_date, record_hash, is_deleted, is_current), row_version) AS newest,
        argMax(effective_start_date, row_version) AS starts
      FROM ${historyTable(work.entity)}
      PREWHERE tenant_id = {tenant_id:String} AND ${id} IN (SELECT id FROM ${walk}) ${isDerivedWhole(work)}
      GROUP BY id, is_current, ${CLOSED_FROM}
    )
    GROUP BY id, starts
    ${work.fromCurrent === true ? `UNION ALL ${currentAsStored(work)}` : ""}
  ) AS stored ON wanted.id = stored.id AND wanted.starts = stored.starts
)`,
  });
}
