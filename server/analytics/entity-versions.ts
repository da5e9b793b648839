import { z } from "zod";
import type { Column, Entity } from "@/lib/catalog";
import type { EntityValue } from "@/lib/contracts/entities";
import type { Db } from "@/server/clickhouse/client";
import { ASKED, tenantKeysQuery } from "@/server/clickhouse/gathered-tenant-query";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import type { EntityKey } from "./entity-key";
import { zCount, zFlag, zInstant } from "./row-types";

const VERSIONS_SHOWN = 500;
/** Longer text is cut for the screen; whether it changed is then told by its hash, not by what is shown. */
const TEXT_SHOWN = 4_000;
const CUT = "cut ";

function selectValue({ name, type }: Column): string {
  if (type === "text") return `substringUTF8(${name}, 1, ${TEXT_SHOWN}) AS value_${name}`;
  if (type === "decimal") return `toDecimalString(${name}, 2) AS value_${name}`;
  return `${name} AS value_${name}`;
}

function valueSchema({ type }: Column): z.ZodType<EntityValue> {
  if (type === "integer") return zCount.nullable();
  if (type === "datetime") return zInstant.nullable();
  return z.string().nullable();
}

/** '' where a text is shown as it is; otherwise its hash, which tells two apart that look alike. */
function mark({ name }: Column): string {
  const hash = `hex(sipHash128(assumeNotNull(${name})))`;
  return `multiIf(ifNull(lengthUTF8(${name}), 0) > ${TEXT_SHOWN}, concat('${CUT}', ${hash}), ifNull(isValidUTF8(${name}), 1), '', ${hash})`;
}

function rowSchema(entity: Entity) {
  const texts = entity.columns.filter((column) => column.type === "text");
  return z
    .looseObject({
      tenantId: z.string(),
      key: z.string(),
      id: z.string(),
      start: zInstant,
      end: zInstant.nullable(),
      isCurrent: zFlag,
      marks: z.array(z.string()),
      recordHash: z.string(),
      lastUpdated: zInstant,
      ingestedAt: zInstant,
      sourceSystem: z.string(),
      runId: z.string(),
      sourceObject: z.string(),
      sourceRow: zCount,
      total: zCount,
      ...Object.fromEntries(
        entity.columns.map((column) => [`value_${column.name}`, valueSchema(column)]),
      ),
    })
    .transform((found) => ({
      ...found,
      values: Object.fromEntries(
        entity.columns.map(({ name }) => [name, found[`value_${name}`] as EntityValue]),
      ),
      /** By name of those texts that `values` does not show whole, or not truly. */
      marks: new Map(
        texts.flatMap(({ name }, place) => {
          const own = found.marks[place] ?? "";
          return own === "" ? [] : [[name, own] as const];
        }),
      ),
    }));
}

/** A version as it is stored, with its values as they are shown. */
export type VersionRow = z.output<ReturnType<typeof rowSchema>>;

/** The columns whose text is longer than what is shown. */
export function cutColumns(row: VersionRow): string[] {
  return [...row.marks].filter(([, own]) => own.startsWith(CUT)).map(([name]) => name);
}

/** Whether a column's value differs between two versions, also behind what is shown of it. */
export function differs(column: Column, row: VersionRow, before: VersionRow): boolean {
  return (
    row.values[column.name] !== before.values[column.name] ||
    row.marks.get(column.name) !== before.marks.get(column.name)
  );
}

function statement({ name, idColumn, columns }: Entity, key: string, condition: string): string {
  const texts = columns.filter((column) => column.type === "text");
  return `
SELECT
    tenant_id AS tenantId,
    ${key} AS key,
    ${idColumn} AS id,
    effective_start_date AS start,
    effective_end_date AS end,
    is_current AS isCurrent,
    ${columns.map(selectValue).join(",\n    ")},
    [${texts.map(mark).join(", ")}] AS marks,
    hex(record_hash) AS recordHash,
    last_updated AS lastUpdated,
    ingestion_timestamp AS ingestedAt,
    source_system AS sourceSystem,
    run_id AS runId,
    source_object AS sourceObject,
    source_row AS sourceRow,
    count() OVER (PARTITION BY tenant_id, ${idColumn}) AS total
FROM ${name}_scd FINAL
-- Of the sorting key alone: asked first, the long columns are read only where the record is, a third of the work.
PREWHERE ${condition}
ORDER BY effective_start_date DESC
LIMIT ${VERSIONS_SHOWN} BY tenant_id, ${idColumn}`;
}

function queriesOf(entity: Entity) {
  const row = rowSchema(entity);
  const { idColumn } = entity;
  return {
    byId: tenantKeysQuery({
      name: "entity.versions",
      sql: statement(entity, idColumn, `(tenant_id, ${idColumn}) IN ${ASKED}`),
      row,
      maxSeconds: 20,
    }),
    // Only ids too long for an address are named by a digest, so few rows are hashed.
    byDigest: tenantQuery({
      name: "entity.versions-by-digest",
      sql: statement(
        entity,
        "''",
        `tenant_id = {tenantId:String} AND length(${idColumn}) > 1500 AND lower(hex(SHA256(${idColumn}))) = {sha256:String}`,
      ),
      params: z.object({ sha256: z.string() }),
      row,
      maxSeconds: 20,
      weight: "heavy",
    }),
  };
}

/** Who asks for records of a table at once shares a statement, so there is one of each for a table. */
const queries = new Map<Entity, ReturnType<typeof queriesOf>>();

/** The newest 500 versions of an entity, the newest first; none where the tenant's table has no such entity. */
export async function readVersions(
  scope: TenantScope,
  entity: Entity,
  key: EntityKey,
  db?: Db,
  signal?: AbortSignal,
): Promise<VersionRow[]> {
  let own = queries.get(entity);
  if (own === undefined) queries.set(entity, (own = queriesOf(entity)));
  return "id" in key
    ? own.byId(scope, key.id, db, signal)
    : own.byDigest(scope, { sha256: key.sha256 }, db);
}
