import { z } from "zod";
import type { Entity } from "@/lib/catalog";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { type EntityRow, entityFigures, entityRow } from "./entity-row";
import { zInstant } from "./row-types";
import { clickHouseTime } from "./run-list";

/** Rows that are looked at for each entity that is wanted: entities often change more than once in a short time. */
const ROWS_EACH = 4;

/** Where a page begins: behind the entity of this change and id. */
export interface NewestAfter {
  /** As ClickHouse takes a DateTime64(3). */
  readonly afterAt: string;
  readonly afterId: string;
}

const params = z.object({
  afterAt: z.string().optional(),
  afterId: z.string().optional(),
  limit: z.number().int(),
});
const AFTER = "({afterAt:DateTime64(3, 'UTC')}, {afterId:String})";

/** The newest rows of a tenant, replaced and deleted ones among them. */
function newestRows(entity: Entity, paged: boolean) {
  const { name, idColumn } = entity;
  return tenantQuery({
    name: "entities.newest-rows",
    sql: `
SELECT effective_start_date AS at, ${idColumn} AS id FROM ${name}_scd
WHERE tenant_id = {tenantId:String} ${paged ? `AND (effective_start_date, ${idColumn}) < ${AFTER}` : ""}
ORDER BY at DESC, id DESC LIMIT {limit:UInt32}`,
    params,
    row: z.object({ at: zInstant, id: z.string() }),
    maxSeconds: 20,
    weight: "heavy",
  });
}

/** Those of some entities whose last change is not below a place, and below where the page begins. */
function newestOf(entity: Entity, paged: boolean) {
  const { name, idColumn } = entity;
  return tenantQuery({
    name: "entities.newest",
    sql: `
SELECT
    ${idColumn} AS id,
    ${entityFigures(entity)}
FROM ${name}_scd FINAL
PREWHERE tenant_id = {tenantId:String} AND ${idColumn} IN {ids:Array(String)}
GROUP BY id
HAVING (changedAt, id) >= ({lowAt:DateTime64(3, 'UTC')}, {lowId:String}) ${paged ? `AND (changedAt, id) < ${AFTER}` : ""}
ORDER BY changedAt DESC, id DESC
LIMIT {limit:UInt32}`,
    params: params.extend({ ids: z.array(z.string()), lowAt: z.string(), lowId: z.string() }),
    row: entityRow,
    maxSeconds: 20,
  });
}

/** By the last change of every entity that the tenant has. */
function byAllEntities(entity: Entity, paged: boolean) {
  const { name, idColumn } = entity;
  return tenantQuery({
    name: "entities.newest-of-all",
    sql: `
WITH picked AS
(
    SELECT ${idColumn} FROM ${name}_scd FINAL
    WHERE tenant_id = {tenantId:String}
    GROUP BY ${idColumn}
    ${paged ? `HAVING (max(effective_start_date), ${idColumn}) < ${AFTER}` : ""}
    ORDER BY max(effective_start_date) DESC, ${idColumn} DESC LIMIT {limit:UInt32}
)
SELECT
    ${idColumn} AS id,
    ${entityFigures(entity)}
FROM ${name}_scd FINAL
WHERE tenant_id = {tenantId:String} AND ${idColumn} IN (SELECT ${idColumn} FROM picked)
GROUP BY id
ORDER BY changedAt DESC, id DESC`,
    params,
    row: entityRow,
    maxSeconds: 20,
    weight: "heavy",
  });
}

/**
 * The entities that changed last, from `after` on: out of the tenant's newest rows, whose times and ids are read but not merged.
 * An entity whose last change is not below the lowest of these rows has its row among them, so what is found above it is right
 * and complete. Where these are of too few entities, out of all of them.
 */
export async function newestEntities(
  scope: TenantScope,
  entity: Entity,
  limit: number,
  after: NewestAfter | undefined,
  db?: Db,
): Promise<EntityRow[]> {
  const most = limit * ROWS_EACH;
  const paged = after !== undefined;
  const rows = await newestRows(entity, paged)(scope, { ...after, limit: most }, db);
  const lowest = rows.at(-1);
  if (lowest === undefined) return [];
  const found = await newestOf(entity, paged)(
    scope,
    {
      ...after,
      limit,
      ids: [...new Set(rows.map(({ id }) => id))],
      lowAt: clickHouseTime(lowest.at),
      lowId: lowest.id,
    },
    db,
  );
  return found.length === limit || rows.length < most
    ? found
    : byAllEntities(entity, paged)(scope, { ...after, limit }, db);
}
