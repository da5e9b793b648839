import "server-only";
import { z } from "zod";
import { DeadLetterKind, DeadLetterStatus } from "@/lib/contracts/dlq";
import type { Db } from "@/server/clickhouse/client";
import { zCount, zDigits } from "@/server/clickhouse/columns";
import { type TenantScope, assertTenantScope } from "@/server/tenant-scope";

/** Records of so many bytes are held at once. */
const BYTES_AT_ONCE = 16 * 1024 * 1024;
const LETTERS_AT_ONCE = 500;

const Letter = z.object({
  id: z.string(),
  tableName: z.string(),
  kind: DeadLetterKind,
  status: DeadLetterStatus,
  objectKey: z.string(),
  sourceRow: zCount,
  bytes: zCount,
});
/** A chosen dead letter as it stands now. */
export type ChosenLetter = z.infer<typeof Letter>;

/** The dead letters of a selection, as they stand now, by table, object and row. Records themselves are read apart. */
export async function readChosen(
  db: Db,
  scope: TenantScope,
  selectionId: string,
): Promise<ChosenLetter[]> {
  assertTenantScope(scope);
  return db.rows(
    {
      name: "dlq.chosen",
      params: { tenant_id: scope.tenantId, selection_id: selectionId },
      sql: `SELECT dead_letter_id AS id, table_name AS tableName, kind, status, object_key AS objectKey,
  source_row AS sourceRow, length(raw) AS bytes
FROM dead_letters FINAL
WHERE tenant_id = {tenant_id:String} AND dead_letter_id IN (
  SELECT dead_letter_id FROM dead_letter_selections
  WHERE selection_id = {selection_id:String} AND tenant_id = {tenant_id:String})
ORDER BY tableName, objectKey, sourceRow`,
    },
    Letter,
  );
}

const Raw = z.object({ id: z.string(), raw: z.string(), hash: zDigits, mended: z.string() });

/** A dead letter with its record. */
export interface LetterRaw {
  readonly letter: ChosenLetter;
  readonly raw: string;
  /** Of the record as it came, as digits. */
  readonly hash: string;
  /** The record as it was taken in, '' where it was not. */
  readonly mended: string;
}

/** Reads the records of dead letters page by page, so that long ones do not fill the memory. */
export async function* readRaws(
  db: Db,
  scope: TenantScope,
  letters: readonly ChosenLetter[],
): AsyncIterable<LetterRaw> {
  assertTenantScope(scope);
  for (const page of pages(letters)) {
    const byId = new Map(page.map((letter) => [letter.id, letter]));
    const rows = await db.rows(
      {
        name: "dlq.raws",
        params: { tenant_id: scope.tenantId, ids: [...byId.keys()] },
        sql: `SELECT letter.dead_letter_id AS id, letter.raw AS raw, toString(xxh3_128(letter.raw)) AS hash, mend.payload AS mended
FROM (
  SELECT dead_letter_id, raw FROM dead_letters FINAL
  WHERE tenant_id = {tenant_id:String} AND dead_letter_id IN {ids:Array(String)}
) AS letter
LEFT JOIN (
  SELECT dead_letter_id, original_hash, payload FROM mends FINAL
  WHERE tenant_id = {tenant_id:String} AND dead_letter_id IN {ids:Array(String)}
) AS mend ON mend.dead_letter_id = letter.dead_letter_id AND mend.original_hash = xxh3_128(letter.raw)`,
      },
      Raw,
    );
    for (const { id, ...rest } of rows) {
      const letter = byId.get(id);
      if (letter !== undefined) yield { letter, ...rest };
    }
  }
}

function* pages(letters: readonly ChosenLetter[]): Iterable<ChosenLetter[]> {
  let page: ChosenLetter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    if (
      page.length > 0 &&
      (page.length >= LETTERS_AT_ONCE || bytes + letter.bytes > BYTES_AT_ONCE)
    ) {
      yield page;
      page = [];
      bytes = 0;
    }
    page.push(letter);
    bytes += letter.bytes;
  }
  if (page.length > 0) yield page;
}
