import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type IdRange, idRanges, inRange, rangeParams } from "./id-ranges";
import { type TableWork, heavySettings, historyTable, logTable, stagingTables } from "./table-work";
import { isInReach } from "./touched";

/** What must be true of every history (R1, R6, R7), by the name it has on screen. */
export const INVARIANTS = [
  "one current version",
  "current exactly when open",
  "no overlap",
  "no empty interval",
  "no equal neighbours",
  "no hole but a deletion",
] as const;
export type Invariant = (typeof INVARIANTS)[number];

const SAMPLES = 5;

/** Holes that are looked up one by one; where there are more, all deletions are read. */
const HOLES_LOOKED_UP = 500;

const HOLE = INVARIANTS.indexOf("no hole but a deletion");

/** An entity with a hole in its history, and where it begins: ms UTC. */
const Hole = z.tuple([z.string(), zCount]);

const Broken = z.object({
  /** An index of {@link INVARIANTS}. */
  which: zCount,
  entities: zCount,
  samples: z.array(z.string()),
  /** One more than are looked up at most. */
  holes: z.array(Hole),
});

/** An invariant that does not hold, with some of the entities that show it. */
export interface Violation {
  readonly invariant: Invariant;
  readonly entities: number;
  readonly samples: readonly string[];
}

/**
 * Which versions are checked: of the whole table, of the entities that the staged batch touched, or of a table in which a
 * bulk load has just replaced everything. In the last no row replaces another, and one that did would be a fault: the rows
 * are taken as they lie, which costs half of putting them together first.
 */
export type Checked = "all" | "touched" | "replaced";

/**
 * Step 7: the SCD2 invariants.
 *
 * @param versions of the whole table, where that is known
 * @returns what does not hold; empty where all is well
 */
export async function checkInvariants(
  work: TableWork,
  reach: Checked,
  versions?: number,
): Promise<Violation[]> {
  if (reach === "touched") return checkEntities(work, reach, {});
  const ranges = await idRanges(work, {
    ids: `SELECT ${work.entity.idColumn} AS id FROM ${historyTable(work.entity)} WHERE tenant_id = {tenant_id:String}`,
    ...(versions === undefined ? {} : { rows: versions }),
    hasExtracts: false,
  });
  const found = new Map<Invariant, Violation>();
  for (const range of ranges) {
    for (const violation of await checkEntities(work, reach, range)) {
      const { entities = 0, samples = [] } = found.get(violation.invariant) ?? {};
      found.set(violation.invariant, {
        invariant: violation.invariant,
        entities: entities + violation.entities,
        samples: [...samples, ...violation.samples].slice(0, SAMPLES),
      });
    }
  }
  return [...found.values()];
}

async function checkEntities(
  work: TableWork,
  reach: Checked,
  range: IdRange,
): Promise<Violation[]> {
  // The log is asked only where there are holes: on a large table that costs as much as reading the history.
  let broken = await findBroken(work, reach, range, false);
  const hole = broken.find(({ which }) => which === HOLE);
  if (hole !== undefined && hole.holes.length > HOLES_LOOKED_UP) {
    broken = await findBroken(work, reach, range, true);
  } else if (hole !== undefined) {
    const entities = await unexplained(work, hole.holes);
    broken = broken.filter(({ which }) => which !== HOLE);
    if (entities.length > 0) {
      broken.push({ ...hole, entities: entities.length, samples: entities.slice(0, SAMPLES) });
    }
  }
  return broken.flatMap(({ which, entities, samples }) => {
    const invariant = INVARIANTS[which];
    return invariant === undefined ? [] : [{ invariant, entities, samples }];
  });
}

/** What is broken; without the log, every hole at which no extract stands. */
async function findBroken(
  work: TableWork,
  reach: Checked,
  range: IdRange,
  withLog: boolean,
): Promise<z.infer<typeof Broken>[]> {
  const { entity } = work;
  const id = entity.idColumn;
  const columns = `${id} AS id, effective_start_date AS starts, effective_end_date AS ends, is_current, record_hash`;
  const touched =
    reach === "touched"
      ? `AND ${id} IN (SELECT id FROM ${stagingTables(work).walk})`
      : inRange(id, range);
  // Closed versions of an entity that was derived from its current one are those that this batch wrote.
  const written =
    reach === "touched" && work.fromCurrent === true
      ? `UNION ALL
  SELECT ${columns} FROM ${stagingTables(work).delta} FINAL
  WHERE NOT is_current AND ${id} IN (SELECT id FROM ${stagingTables(work).touched} WHERE from_current)`
      : "";
  const broken = [
    "open_versions > 1",
    "is_current != isNull(ends)",
    "isNotNull(next_starts) AND (isNull(ends) OR ends > next_starts)",
    "isNotNull(ends) AND ends <= starts",
    "isNotNull(next_starts) AND ends = next_starts AND record_hash = next_hash",
    "isNotNull(next_starts) AND ends < next_starts AND NOT is_deletion",
  ];
  return work.db.rows(
    {
      name: "scd2.invariants",
      signal: work.signal,
      params: { tenant_id: work.tenantId, table_name: entity.name, ...rangeParams(range) },
      settings: heavySettings(work),
      sql: `WITH
versions AS (
  SELECT *,
    countIf(isNull(ends)) OVER (PARTITION BY id) AS open_versions,
    leadInFrame(toNullable(starts)) OVER next AS next_starts,
    leadInFrame(toNullable(record_hash)) OVER next AS next_hash
  FROM (
    SELECT ${columns} FROM ${historyTable(entity)} ${reach === "replaced" ? "" : "FINAL"}
    -- Asked before rows are replaced, which changes nothing: it is of the sorting key alone.
    PREWHERE tenant_id = {tenant_id:String} ${touched} ${reach === "touched" ? isInReach(work) : ""}
    ${written}
  )
  WINDOW next AS (PARTITION BY id ORDER BY starts ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)
),
-- A gap is right where a marker stands at its start, or an extract that could not see the entity.
deletions AS (
  SELECT DISTINCT ${id} AS id, observed_at AS at FROM ${logTable(entity)}
  PREWHERE tenant_id = {tenant_id:String} ${touched} WHERE kind = 'delete'
),
absences AS (
  SELECT extract_at FROM extracts FINAL
  WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND status = 'counted'
)
SELECT number AS which, uniqExact(id) AS entities, groupUniqArray(${SAMPLES})(id) AS samples,
  groupUniqArrayIf(${HOLES_LOOKED_UP + 1})((id, toUnixTimestamp64Milli(ifNull(ends, starts))), number = ${HOLE}) AS holes
FROM (
  SELECT id, starts, ends, arrayJoin(arrayFilter((number, is_broken) -> is_broken, range(${broken.length}), [${broken
    .map((condition) => `ifNull(${condition}, false)`)
    .join(", ")}])) AS number
  FROM (
    SELECT *, ${withLog ? "(id, ends) IN (SELECT id, at FROM deletions) OR " : ""}ends IN (SELECT extract_at FROM absences) AS is_deletion
    FROM versions
  )
)
GROUP BY which
ORDER BY which`,
    },
    Broken,
  );
}

/** The entities with a hole at whose start no marker stands. */
async function unexplained(
  work: TableWork,
  holes: readonly z.infer<typeof Hole>[],
): Promise<string[]> {
  const id = work.entity.idColumn;
  const deletions = await work.db.rows(
    {
      name: "scd2.invariants.deletions",
      signal: work.signal,
      params: { tenant_id: work.tenantId, ids: [...new Set(holes.map(([entity]) => entity))] },
      sql: `SELECT DISTINCT ${id} AS id, toUnixTimestamp64Milli(observed_at) AS at FROM ${logTable(work.entity)}
PREWHERE tenant_id = {tenant_id:String} AND ${id} IN {ids:Array(String)} WHERE kind = 'delete'`,
    },
    z.object({ id: z.string(), at: zCount }),
  );
  const explained = new Set(deletions.map(({ id: entity, at }) => `${at} ${entity}`));
  const left = holes.filter(([entity, at]) => !explained.has(`${at} ${entity}`));
  return [...new Set(left.map(([entity]) => entity))];
}
