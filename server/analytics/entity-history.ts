import type { Entity } from "@/lib/catalog";
import type { EntityHistoryReply, EntityVersion } from "@/lib/contracts/entities";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import type { TenantScope } from "@/server/tenant-scope";
import { ENTITY_INVARIANTS, brokenInvariants } from "./entity-invariants";
import { type EntityKey, entityKey } from "./entity-key";
import { cutColumns, differs, readVersions } from "./entity-versions";

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
  signal?: AbortSignal,
): Promise<EntityHistoryReply> {
  const rows = await readVersions(scope, entity, key, db, signal);
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
              .filter((column) => differs(column, row, before))
              .map((column) => column.name),
      cut: cutColumns(row),
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
    tenantName: scope.name,
    timeZone: scope.timeZone,
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
