import { z } from "zod";
import type { Entity } from "@/lib/catalog";
import type { EntitySearchReply } from "@/lib/contracts/entities";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { decodeCursor, encodeCursor } from "./cursor";
import { entityKey } from "./entity-key";
import { firstByPrefix } from "./entity-point";
import { newestEntities } from "./entity-newest";
import { type EntityRow, entityFigures, entityRow } from "./entity-row";
import { clickHouseTime } from "./run-list";

function byPrefix(entity: Entity, paged: boolean) {
  const { name, idColumn } = entity;
  return tenantQuery({
    name: "entities.by-prefix",
    sql: `
WITH picked AS
(
    SELECT DISTINCT ${idColumn} FROM ${name}_scd FINAL
    WHERE tenant_id = {tenantId:String} AND startsWith(${idColumn}, {prefix:String}) ${paged ? `AND ${idColumn} > {after:String}` : ""}
    ORDER BY ${idColumn} LIMIT {limit:UInt32}
)
SELECT
    ${idColumn} AS id,
    ${entityFigures(entity)}
FROM ${name}_scd FINAL
WHERE tenant_id = {tenantId:String} AND ${idColumn} IN (SELECT ${idColumn} FROM picked)
GROUP BY id
ORDER BY id`,
    params: z.object({ prefix: z.string(), after: z.string().optional(), limit: z.number().int() }),
    row: entityRow,
    maxSeconds: 10,
  });
}

export interface EntitySearchInput {
  /** The beginning of an id, byte for byte; '' lists what changed last. */
  readonly query: string;
  readonly after: string | null;
  readonly limit: number;
}

/** Entities whose id begins with the query (an exact match comes first, being the shortest), or the newest changes. */
export async function searchEntities(
  scope: TenantScope,
  entity: Entity,
  input: EntitySearchInput,
  db?: Db,
  signal?: AbortSignal,
): Promise<EntitySearchReply> {
  const limit = input.limit + 1;
  const recent = input.query === "";
  let rows: EntityRow[];
  if (recent) {
    const [afterAt, afterId] = input.after === null ? [] : decodeCursor(input.after, 2);
    const from =
      afterAt === undefined || afterId === undefined
        ? undefined
        : { afterAt: clickHouseTime(afterAt), afterId };
    rows = await newestEntities(scope, entity, limit, from, db);
  } else {
    const [after] = input.after === null ? [] : decodeCursor(input.after, 1);
    const isPoint = after === undefined && input.limit === 1;
    rows =
      (isPoint ? await firstByPrefix(scope, entity, input.query, db, signal) : undefined) ??
      (await byPrefix(entity, after !== undefined)(
        scope,
        { prefix: input.query, limit, ...(after === undefined ? {} : { after }) },
        db,
      ));
  }
  const shown = rows.slice(0, input.limit);
  const last = shown.at(-1);
  const more = rows.length > input.limit && last !== undefined;
  return {
    asOf: new Date().toISOString(),
    tableName: entity.name,
    query: input.query,
    rows: shown.map(({ isCurrent, ...rest }) => ({
      ...rest,
      key: entityKey(rest.id),
      isDeleted: !isCurrent,
    })),
    next: more ? encodeCursor(recent ? [last.changedAt, last.id] : [last.id]) : null,
  };
}
