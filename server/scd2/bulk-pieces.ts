import { parseObjectName, tablePrefix } from "@/server/canonical/object-key";

import { type Sizing, estimateRecords } from "./batches";
import type { TableWork } from "./table-work";

/**
 * What a first bulk load takes at once. One that is larger would outlast the time limit of its task, and begin from the front
 * with every attempt; in pieces it is published piece by piece, and another call goes on behind the last.
 */
export const BULK_PIECE: Sizing = {
  maxRecords: 20_000_000,
  maxBytes: 32 * 1024 ** 3,
  safetyFactor: 1,
};

/**
 * Whether what lies in the store for a table is more than one piece. It matters only where the table has no history of another
 * run: a history is replaced at once or not at all.
 */
export async function isMoreThanOnePiece(
  work: Pick<TableWork, "store" | "tenantId" | "entity">,
  piece: Sizing = BULK_PIECE,
): Promise<boolean> {
  const prefix = tablePrefix(work.tenantId, work.entity.name);
  let records = 0;
  for (const object of await work.store.list(prefix)) {
    const name = parseObjectName(object.key.slice(prefix.length));
    if (name.kind !== "data") continue;
    records += estimateRecords({ ...object, format: name.format });
  }
  return records > piece.maxRecords;
}
