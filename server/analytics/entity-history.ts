import { z } from "zod";
import type { Column, Entity } from "@/lib/catalog";
import type { EntityHistoryReply, EntityValue, EntityVersion } from "@/lib/contracts/entities";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import { AppError } from "@/server/errors";
import type { TenantScope } from "@/server/tenant-scope";
import { ENTITY_INVARIANTS, brokenInvariants } from "./entity-invariants";
import { type EntityKey, entityKey } from "./entity-key";
import { zCount, zFlag, zInstant } from "./row-types";

const VERSIONS_SHOWN = 500;
/** Longer text is cut for the screen; whether it changed is told by its hash, not by what is shown. */
const TEXT_SHOWN = 4_000;

function selectValue(column: Column): string {
  switch (column.type) {
    case "text":
      return `substringUTF8(${column.name}, 1, ${TEXT_SHOWN}) AS value_${column.name}`;
    case "decimal":
      return `toDecimalString(${column.name}, 2) AS value_${column.name}`;
    case "integer":
    case "datetime":
      return `${column.name} AS value_${column.name}`;
  }
}

function valueSchema(column: Column): z.ZodType<EntityValue> {
  switch (column.type) {
    case "text":
    case "decimal":
      return z.string().nullable();
    case "integer":
      return zCount.nullable();
    case "datetime":
      return zInstant.nullable();
  }
}

function rowSchema(entity: Entity) {
  return z
    .looseObject({
      start: zInstant,
      end: zInstant.nullable(),
      isCurrent: zFlag,
      marks: z.array(z.string()),
      lengths: z.array(zCount),
      recordHash: z.string(),
      lastUpdated: zInstant,
      ingestedAt: zInstant,
      sourceSystem: z.string(),
      runId: z.string(),
      sourceObject: z.string(),
      sourceRow: zCount,
      total: zCount,
      id: z.string(),
    })
    .transform((found) => ({
      ...found,
      values: Object.fromEntries(
        entity.columns.map((column) => [
          column.name,
          valueSchema(column).parse(found[`value_${column.name}`]),
        ]),
      ),
    }));
}

function versionsQuery(entity: Entity, by: "id" | "sha256") {
  const { name, idColumn, columns } = entity;
  const mark = (column: Column): string =>
    `hex(sipHash128(isNull(${column.name}), ifNull(toString(${column.name}), '')))`;
  return tenantQuery({
    name: "entity.versions",
    sql: `
SELECT
    ${idColumn} AS id,
    effective_start_date AS start,
    effective_end_date AS end,
    is_current AS isCurrent,
    ${columns.map(selectValue).join(",\n    ")},
    [${columns.map(mark).join(", ")}] AS marks,
    [${columns.map((column) => `ifNull(lengthUTF8(toString(${column.name})), 0)`).join(", ")}] AS lengths,
    hex(record_hash) AS recordHash,
    last_updated AS lastUpdated,
    ingestion_timestamp AS ingestedAt,
    source_system AS sourceSystem,
    run_id AS runId,
    source_object AS sourceObject,
    source_row AS sourceRow,
    count() OVER () AS total
FROM ${name}_scd FINAL
-- Of the sorting key alone: asked first, the long columns are read only where the record is, a third of the work.
PREWHERE tenant_id = {tenantId:String} AND ${
      by === "id"
        ? `${idColumn} = {id:String}`
        : // Only ids too long for an address are named by a digest, so few rows are hashed.
          `length(${idColumn}) > 1500 AND lower(hex(SHA256(${idColumn}))) = {sha256:String}`
    }
ORDER BY effective_start_date DESC
LIMIT {limit:UInt32}`,
    params: z.object({
      id: z.string().optional(),
      sha256: z.string().optional(),
      limit: z.number().int(),
    }),
    row: rowSchema(entity),
    maxSeconds: 20,
  });
}

const tenantFacts = tenantQuery({
  name: "entity.tenant",
  sql: "SELECT name AS tenantName, time_zone AS timeZone FROM tenants FINAL WHERE tenant_id = {tenantId:String}",
  params: z.object({}),
  row: z.object({ tenantName: z.string(), timeZone: z.string() }),
  maxSeconds: 10,
});

/**
 * The history of one entity, oldest version first.
 *
 * @throws AppError `not-found` where the tenant's table has no such entity
 */
export async function readEntityHistory(
  scope: TenantScope,
  entity: Entity,
  key: EntityKey,
  db?: Db,
): Promise<EntityHistoryReply> {
  const [rows, facts] = await Promise.all([
    versionsQuery(entity, "id" in key ? "id" : "sha256")(
      scope,
      { ...key, limit: VERSIONS_SHOWN },
      db,
    ),
    tenantFacts(scope, {}, db),
  ]);
  const [newest] = rows;
  if (newest === undefined)
    throw new AppError("not-found", "There is no record with this id in this table.");
  const oldestFirst = rows.toReversed();
  const total = newest.total;
  const versions = oldestFirst.map((row, index): EntityVersion => {
    const before = oldestFirst[index - 1];
    return {
      number: total - rows.length + index + 1,
      start: row.start,
      end: row.end,
      isCurrent: row.isCurrent,
      values: row.values,
      changed:
        before === undefined
          ? []
          : entity.columns
              .filter((_, place) => row.marks[place] !== before.marks[place])
              .map((column) => column.name),
      cut: entity.columns
        .filter((column, place) => column.type === "text" && (row.lengths[place] ?? 0) > TEXT_SHOWN)
        .map((column) => column.name),
      recordHash: row.recordHash.toLowerCase(),
      lastUpdated: row.lastUpdated,
      ingestedAt: row.ingestedAt,
      sourceSystem: row.sourceSystem,
      runId: row.runId,
      sourceObject: row.sourceObject,
      sourceRow: row.sourceRow,
    };
  });
  const title = newest.values[entity.titleColumn];
  return {
    asOf: new Date().toISOString(),
    tenantId: scope.tenantId,
    tenantName: facts[0]?.tenantName ?? scope.tenantId,
    timeZone: facts[0]?.timeZone ?? "UTC",
    tableName: entity.name,
    id: newest.id,
    key: entityKey(newest.id),
    title: title === undefined || title === null ? null : String(title),
    columns: entity.columns.map((column) => column.name),
    versions,
    total,
    broken: brokenInvariants(versions),
    invariants: ENTITY_INVARIANTS.length,
  };
}
