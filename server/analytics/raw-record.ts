import "server-only";
import { z } from "zod";
import type { Entity } from "@/lib/catalog";
import type { RawRecordReply } from "@/lib/contracts/entities";
import type { CanonicalStore } from "@/server/canonical/canonical-store";
import { type ObjectFormat, parseObjectName, tablePrefix } from "@/server/canonical/object-key";
import { StoreError } from "@/server/canonical/store-error";
import type { Db } from "@/server/clickhouse/client";
import { ClickHouseError } from "@/server/clickhouse/error";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import { log } from "@/server/log";
import { rawRows } from "@/server/scd2/raw-rows";
import type { TenantScope } from "@/server/tenant-scope";
import { zCount, zInstant } from "./row-types";

/** A record can be 20 MB; the screen gets its beginning. */
const SHOWN_CHARACTERS = 50_000;
const MAX_SECONDS = 15;

const ledgerEntry = tenantQuery({
  name: "raw-record.object",
  sql: `
SELECT etag, bytes, last_modified AS lastModified
FROM objects FINAL
WHERE tenant_id = {tenantId:String} AND table_name = {tableName:String} AND object_key = {objectKey:String}`,
  params: z.object({ tableName: z.string(), objectKey: z.string() }),
  row: z.object({ etag: z.string(), bytes: zCount, lastModified: zInstant }),
  maxSeconds: 10,
});

/** What is wrong with the store is for those who run it; here it is only said that it is so. */
function unlessStoreFails(error: unknown): RawRecordReply {
  if (!(error instanceof StoreError)) throw error;
  log().warn({ trouble: error.trouble }, error.message);
  return without("the store cannot be read");
}

function without(why: NonNullable<RawRecordReply["why"]>): RawRecordReply {
  return { text: null, bytes: 0, why };
}

/**
 * The record that a version was made of, read again from its object. Only objects that the tenant's ledger has can be named,
 * so no key from outside reaches the store.
 *
 * @param db an account that may read objects; the one of the screens may not
 */
export async function readRawRecord(
  scope: TenantScope,
  entity: Entity,
  input: { readonly objectKey: string; readonly row: number },
  db: Db,
  store: CanonicalStore,
): Promise<RawRecordReply> {
  const { objectKey } = input;
  const [object] = await ledgerEntry(scope, { tableName: entity.name, objectKey }, db);
  const prefix = tablePrefix(scope.tenantId, entity.name);
  if (object === undefined || !objectKey.startsWith(prefix)) return without("not in the ledger");
  const parsed = parseObjectName(objectKey.slice(prefix.length));
  if (parsed.kind !== "data") return without("not in the ledger");
  try {
    return await readRow(entity, parsed.format, { ...input, ...object }, db, store);
  } catch (error) {
    return unlessStoreFails(error);
  }
}

/** @throws StoreError where the store cannot be read */
async function readRow(
  entity: Entity,
  format: ObjectFormat,
  wanted: { objectKey: string; row: number; etag: string; bytes: number; lastModified: string },
  db: Db,
  store: CanonicalStore,
): Promise<RawRecordReply> {
  const { objectKey, row } = wanted;
  const etag = await store.etag({
    key: objectKey,
    bytes: wanted.bytes,
    lastModified: Date.parse(wanted.lastModified),
  });
  if (etag === undefined) return without("gone from the store");
  if (etag !== wanted.etag) return without("replaced in the store");
  const raw = await rawRows(entity, store, format, [objectKey]);
  const reading = db.maybeRow(
    {
      name: "raw-record.read",
      sql: `SELECT substringUTF8(record, 1, ${SHOWN_CHARACTERS}) AS text, length(record) AS bytes
FROM (SELECT ${raw.record} AS record FROM (${raw.sql}) WHERE source_row = {row:UInt64} LIMIT 1)`,
      params: { ...raw.params, row },
      settings: {
        ...raw.settings,
        input_format_skip_unknown_fields: 1,
        input_format_parquet_allow_missing_columns: 1,
        input_format_with_names_use_header: 1,
      },
      timeoutMs: MAX_SECONDS * 1_000,
    },
    z.object({ text: z.string(), bytes: zCount }),
  );
  const found = await reading.catch(async (error: unknown) => {
    if (error instanceof ClickHouseError) await store.explain(error, objectKey);
    throw error;
  });
  return found === undefined ? without("not in the object") : { ...found, why: null };
}
