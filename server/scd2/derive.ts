import { type IdRange, inRange, rangeParams } from "./id-ranges";
import { lines } from "./sql-text";
import {
  CREATION,
  type TableWork,
  heavySettings,
  logTable,
  notStaged,
  stagedParams,
  stagingTables,
} from "./table-work";
import { currentAsObserved, isDerivedWhole } from "./touched";

/** Which entities a derivation covers. */
export interface DeriveScope {
  /**
   * `stage`: the batch is all there is (bulk load). `touched`: the log joined with the batch, for the
   * batch's entities. `all`: for every entity, because the batch completes an extract and absence concerns all, or
   * because the history may not be what the log says.
   */
  readonly reach: "stage" | "touched" | "all";
  /** Complete extracts of the table, ms UTC, those of this batch among them. */
  readonly extracts: readonly number[];
  /** The ones that this batch completes. */
  readonly newExtracts: readonly number[];
  /** Not all entities fit into memory at once. */
  readonly ids: IdRange;
}

/** Creates the empty walk table of a run. */
export async function createWalk(work: TableWork): Promise<void> {
  const { walk } = stagingTables(work);
  await work.db.command({
    name: "scd2.walk.create",
    settings: CREATION,
    sql: `CREATE OR REPLACE TABLE ${walk} (
  id String,
  at DateTime64(3, 'UTC'),
  -- A revival by an extract's listing (R9) stands behind the winner of its instant.
  is_revival Bool,
  is_delete Bool,
  -- 0 of a delete.
  record_hash UInt128,
  -- Where the content is: the observation's own time, object and row.
  content_at DateTime64(3, 'UTC'),
  source_object LowCardinality(String),
  source_row UInt64,
  -- The state changes here: a version ends, or starts, or both.
  is_change Bool,
  -- What was in force just before.
  was_alive Bool,
  -- Rows of this batch at this instant, and whether the winner is one of them.
  fresh_rows UInt64,
  is_fresh Bool,
  -- What held at this instant before this batch.
  had_former Bool,
  former_is_delete Bool,
  former_hash UInt128
) ENGINE = MergeTree ORDER BY tuple()`,
  });
}

/**
 * Step 4a (design.md §6): observations → the walk through time of every touched entity. Rules R4 to R9 as
 * windows over narrow rows; every row of the walk is an instant at which something was observed.
 */
export async function deriveWalk(work: TableWork, scope: DeriveScope): Promise<void> {
  const { walk } = stagingTables(work);
  const hasExtracts = scope.extracts.length > 0;
  // Nothing but rows of this batch, and no absences among them: how many stand at an instant follows from their places.
  const isAllFresh = scope.reach === "stage" && !hasExtracts;
  await work.db.command({
    name: "scd2.derive",
    signal: work.signal,
    settings: heavySettings(work),
    params: {
      tenant_id: work.tenantId,
      run_id: work.runId,
      ...(hasExtracts ? { extracts: scope.extracts, new_extracts: scope.newExtracts } : {}),
      ...rangeParams(scope.ids),
      ...stagedParams(work),
    },
    sql: lines(
      `INSERT INTO ${walk}`,
      `WITH`,
      `delivered AS (${deliveredRows(work, scope)}),`,
      `observations AS (${observations(hasExtracts)}),`,
      `winners AS (${winners(isAllFresh)}),`,
      hasExtracts && `events AS (${revivals}),`,
      // At an instant with a winner and a revival behind it, the revival is the state from there on.
      hasExtracts &&
        `states AS (
  SELECT *, ifNull(leadInFrame(toNullable(observed_at)) OVER entity = observed_at, false) AS is_replaced
  FROM events
  WINDOW entity AS (PARTITION BY id ORDER BY observed_at, is_revival ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)
),`,
      `compared AS (
  SELECT *,
    lagInFrame(is_delete, 1, true) OVER entity AS previous_is_delete,
    lagInFrame(record_hash, 1, toUInt128(0)) OVER entity AS previous_hash${
      isAllFresh ? `,\n    place - lagInFrame(place, 1, 0) OVER entity AS fresh_rows` : ""
    }
  FROM ${hasExtracts ? "states WHERE NOT is_replaced" : "winners"}
  WINDOW entity AS (PARTITION BY id ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)`,
      `SELECT id, observed_at, ${hasExtracts ? "is_revival" : "false"}, is_delete, record_hash, ${hasExtracts ? "content_at" : "observed_at"}, source_object, source_row,
  -- R6: equal neighbours are one version; being deleted is a state of its own.
  (is_delete, record_hash) != (previous_is_delete, previous_hash) AS is_change,
  NOT previous_is_delete AS was_alive,
  fresh_rows, is_fresh, had_former, former_is_delete, former_hash
FROM compared`,
      hasExtracts &&
        `UNION ALL
SELECT id, observed_at, is_revival, is_delete, record_hash, content_at, source_object, source_row,
  false AS is_change, false AS was_alive, fresh_rows, is_fresh, had_former, former_is_delete, former_hash
FROM states
WHERE is_replaced`,
    ),
  });
}

/** The narrow rows a derivation starts from. Rejected ones matter only where an extract lists them. */
function deliveredRows(work: TableWork, scope: DeriveScope): string {
  const { stage } = stagingTables(work);
  const id = work.entity.idColumn;
  const columns = `${id} AS id, observed_at, object_stamp, source_object, source_row, kind, record_hash, extract_at`;
  const relevant =
    scope.extracts.length > 0
      ? `(kind != 'rejected' OR (isNotNull(extract_at) AND notEmpty(${id})))`
      : `kind != 'rejected'`;
  const cut = inRange(id, scope.ids);
  return lines(
    `SELECT ${columns}, true AS is_fresh FROM ${stage} WHERE ${relevant}`,
    cut,
    scope.reach !== "stage" &&
      lines(
        `UNION ALL
SELECT ${columns}, false AS is_fresh FROM ${logTable(work.entity)}`,
        // Of a large log the ids alone are read, and the rest where they are.
        `PREWHERE tenant_id = {tenant_id:String}`,
        scope.reach === "touched" &&
          `AND ${id} IN (SELECT ${id} FROM ${stage} WHERE kind != 'rejected'${cut}) ${isDerivedWhole(work)}`,
        cut,
        // After a crash between the two publishes the log holds rows of this batch already.
        `WHERE ${relevant} AND ${
          work.stagesRows === true
            ? `NOT (run_id = {run_id:String} AND kind != 'rejected'
      AND (source_object, source_row) IN (SELECT source_object, source_row FROM ${stage}))`
            : notStaged(work)
        }`,
        work.fromCurrent === true &&
          `UNION ALL\n${currentAsObserved(work)}${inRange("id", scope.ids)}`,
      ),
  );
}

const OBSERVED = "id, observed_at, object_stamp, source_object, source_row, record_hash, is_fresh";

/** Observations, and absences as deletes that rank behind every row of their extract's stamp (R8). */
function observations(hasExtracts: boolean): string {
  return lines(
    `SELECT ${OBSERVED}, kind = 'delete' AS is_delete, false AS is_absence FROM delivered`,
    hasExtracts && `WHERE kind != 'rejected'`,
    hasExtracts &&
      `UNION ALL
SELECT id, fromUnixTimestamp64Milli(absent, 'UTC') AS observed_at, observed_at AS object_stamp, '' AS source_object,
  0 AS source_row, toUInt128(0) AS record_hash, has({new_extracts:Array(Int64)}, absent) AS is_fresh,
  true AS is_delete, true AS is_absence
FROM (
  SELECT id,
    arrayJoin(arrayFilter(
      extract -> extract >= born AND NOT has(listed, extract),
      {extracts:Array(Int64)})) AS absent
  FROM (
    SELECT id,
      minIf(toUnixTimestamp64Milli(object_stamp), kind != 'rejected') AS born,
      groupUniqArrayIf(toUnixTimestamp64Milli(assumeNotNull(extract_at)), isNotNull(extract_at)) AS listed
    FROM delivered
    GROUP BY id
    HAVING countIf(kind != 'rejected') > 0
  )
)`,
  );
}

/**
 * One row per entity and instant: the greatest (stamp, absence last, key, row), with what it overruled (R5).
 *
 * @param isAllFresh gives the `place` of a winner among its entity's rows instead of counting those at its instant
 */
function winners(isAllFresh: boolean): string {
  const known = isAllFresh
    ? `row_number() OVER entity AS place,
      false AS had_former, false AS former_is_delete, toUInt128(0) AS former_hash`
    : `countIf(is_fresh AND NOT is_absence) OVER instant AS fresh_rows,
      countIf(NOT is_fresh) OVER instant > 0 AS had_former,
      anyLastIf(is_delete, NOT is_fresh) OVER instant AS former_is_delete,
      anyLastIf(record_hash, NOT is_fresh) OVER instant AS former_hash`;
  return `
  SELECT id, observed_at, object_stamp, source_object, source_row, is_delete, record_hash,
    is_fresh AND NOT is_absence AS is_fresh, ${isAllFresh ? "place" : "fresh_rows"}, had_former, former_is_delete, former_hash
  FROM (
    SELECT *,
      leadInFrame(toNullable(observed_at)) OVER entity AS next_at,
      ${known}
    FROM observations
    WINDOW
      entity AS (
        PARTITION BY id ORDER BY observed_at, object_stamp, is_absence, source_object, source_row
        ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)${
          isAllFresh
            ? ""
            : `,
      instant AS (
        PARTITION BY id, observed_at ORDER BY object_stamp, is_absence, source_object, source_row
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`
        }
  )
  WHERE isNull(next_at) OR next_at != observed_at`;
}

/**
 * Winners, and behind them the listings that bring a dead entity back (R9). A running count of winners cuts
 * the line into segments, each led by its winner; in a segment led by a delete the first listing revives,
 * unless it stands at the delete's own instant and the delete's object is later.
 */
const revivals = `
  SELECT id, observed_at, is_revival, is_delete, record_hash, content_at, source_object, source_row,
    is_fresh, fresh_rows, had_former, former_is_delete, former_hash
  FROM (
    SELECT *, sum(can_revive) OVER (PARTITION BY id, segment ORDER BY observed_at, is_revival ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS nth
    FROM (
      SELECT *,
        is_revival AND leader_is_delete AND NOT (leader_at = observed_at AND leader_stamp > observed_at) AS can_revive
      FROM (
        SELECT *,
          first_value(is_delete) OVER led AS leader_is_delete,
          first_value(observed_at) OVER led AS leader_at,
          first_value(object_stamp) OVER led AS leader_stamp
        FROM (
          SELECT *, sum(NOT is_revival) OVER (PARTITION BY id ORDER BY observed_at, is_revival ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS segment
          FROM (
            SELECT id, observed_at, false AS is_revival, is_delete, record_hash, observed_at AS content_at, object_stamp,
              source_object, source_row, is_fresh, fresh_rows, had_former, former_is_delete, former_hash
            FROM winners
            UNION ALL
            SELECT id, assumeNotNull(extract_at) AS at, true, false, newest.2, newest.1, at,
              newest.3, newest.4, newest.5, 0, false, true, toUInt128(0)
            FROM (
              SELECT id, extract_at,
                argMax((observed_at, record_hash, source_object, source_row, is_fresh, kind), (observed_at, source_object, source_row)) AS newest
              FROM delivered
              WHERE kind != 'rejected' AND has({extracts:Array(Int64)}, toUnixTimestamp64Milli(ifNull(extract_at, toDateTime64(0, 3, 'UTC'))))
                AND isNotNull(extract_at)
              GROUP BY id, extract_at
            )
            WHERE newest.6 = 'upsert' AND newest.1 <= extract_at
          )
        )
        WINDOW led AS (PARTITION BY id, segment ORDER BY observed_at, is_revival ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
      )
    )
  )
  WHERE NOT is_revival OR (can_revive AND nth = 1)`;
