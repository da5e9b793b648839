import "server-only";
import { type RecordEdit, applyEdit } from "@/lib/record/apply-edit";
import type { Db } from "@/server/clickhouse/client";
import type { TenantScope } from "@/server/tenant-scope";
import { type ChosenLetter, readRaws } from "./chosen-letters";

const ROWS_AT_ONCE = 500;
const BYTES_AT_ONCE = 16 * 1024 * 1024;

/** Under what the items of a replay are written down. */
export interface ItemsFrame {
  /** In the shape of replay_items. */
  readonly table: string;
  readonly runId: string;
  readonly requestedBy: string;
  readonly reason: string;
}

/**
 * Writes down what a replay is to try: records with the edit in them, and objects.
 *
 * @param letters of kind `record` and `object`
 */
export async function writeItems(
  db: Db,
  scope: TenantScope,
  frame: ItemsFrame,
  letters: readonly ChosenLetter[],
  edit: RecordEdit,
): Promise<void> {
  const at = new Date().toISOString();
  let rows: Record<string, unknown>[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    await db.insert(frame.table, rows, { name: "dlq.items" });
    rows = [];
    bytes = 0;
  };
  const add = async (letter: ChosenLetter, payload: string, hash: string): Promise<void> => {
    rows.push({
      run_id: frame.runId,
      tenant_id: scope.tenantId,
      table_name: letter.tableName,
      kind: letter.kind,
      dead_letter_id: letter.id,
      object_key: letter.objectKey,
      source_row: letter.sourceRow,
      original_hash: hash,
      payload,
      requested_by: frame.requestedBy,
      reason: frame.reason,
      at,
    });
    bytes += payload.length;
    if (rows.length >= ROWS_AT_ONCE || bytes >= BYTES_AT_ONCE) await flush();
  };
  const records = letters.filter((letter) => letter.kind === "record");
  for await (const { letter, raw, hash, mended } of readRaws(db, scope, records)) {
    // What was taken in mended is in the history as that, and nothing else can stand in its place.
    const isTakenIn = letter.status === "replayed" && mended !== "";
    const payload = isTakenIn ? mended : applyEdit({ raw, objectKey: letter.objectKey }, edit);
    await add(letter, payload, hash);
  }
  for (const letter of letters) if (letter.kind === "object") await add(letter, "", "0");
  await flush();
}
