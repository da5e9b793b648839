import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { rowsAtOnce } from "./statement-memory";
import type { TableWork } from "./table-work";

/** Some of a table's entities: the ids from `from` on and before `to`, in the order of their bytes. Either can be open. */
export interface IdRange {
  readonly from?: string;
  readonly to?: string;
}

/** Ids looked at to find ranges of about equal size: off by a tenth for a hundred ranges. */
const SAMPLED_IDS = 20_000;

/** The parameters of {@link inRange}. */
export function rangeParams({ from, to }: IdRange): Record<string, string> {
  return {
    ...(from === undefined ? {} : { id_from: from }),
    ...(to === undefined ? {} : { id_to: to }),
  };
}

/** A condition with AND before it; '' for all ids. */
export function inRange(id: string, { from, to }: IdRange): string {
  return [
    from !== undefined && ` AND ${id} >= {id_from:String}`,
    to !== undefined && ` AND ${id} < {id_to:String}`,
  ]
    .filter((condition) => condition !== false)
    .join("");
}

/** What is to be cut. */
interface Rows {
  /** A SELECT of a column `id` with a row for each; its parameter is `tenant_id`. */
  readonly ids: string;
  /** How many it selects, where that is known: few are not looked at. */
  readonly rows?: number;
  /** Rows to be held for each one selected; 1 where it is left out. */
  readonly rowsAnId?: number;
  readonly hasExtracts: boolean;
}

/** Ids are hardly ever longer. */
const LONG_ID_BYTES = 200;

/**
 * Cuts rows into ranges of ids that a statement can hold at once, each with all rows of its entities. Tables are sorted by
 * id, so that a statement over one range reads that range and nothing else.
 */
export async function idRanges(
  work: TableWork,
  { ids, rows = Number.POSITIVE_INFINITY, rowsAnId = 1, hasExtracts }: Rows,
): Promise<IdRange[]> {
  const atOnce = (idBytes: number): number =>
    rowsAtOnce(work.maxMemoryBytes, idBytes, hasExtracts) / rowsAnId;
  if (rows <= atOnce(LONG_ID_BYTES)) return [{}];
  const { found, id_bytes, sample } = await work.db.row(
    {
      name: "scd2.id-ranges",
      signal: work.signal,
      settings: { max_memory_usage: String(work.maxMemoryBytes) },
      params: { tenant_id: work.tenantId },
      sql: `SELECT count() AS found, sum(length(id)) / greatest(found, 1) AS id_bytes,
  arraySort(groupArraySample(${SAMPLED_IDS}, 1)(id)) AS sample
FROM (${ids})`,
    },
    z.object({ found: zCount, id_bytes: z.number(), sample: z.array(z.string()) }),
  );
  const ranges = Math.ceil(found / atOnce(id_bytes));
  const bounds = new Set<string>();
  for (let index = 1; index < ranges; index++) {
    const bound = sample[Math.floor((index * sample.length) / ranges)];
    if (bound !== undefined && bound !== sample[0]) bounds.add(bound);
  }
  return between([...bounds]);
}

function between(bounds: readonly string[]): IdRange[] {
  return [undefined, ...bounds].map((from, index) => {
    const to = bounds[index];
    return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  });
}
