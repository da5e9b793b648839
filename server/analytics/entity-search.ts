import { z } from "zod";
import type { Entity } from "@/lib/catalog";
import type { EntitySearchReply } from "@/lib/contracts/entities";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { decodeCursor, encodeCursor } from "./cursor";
import { entityKey } from "./entity-key";
import { firstByPrefix } from "./entity-point";
import { type EntityRow, entityFigures, entityRow } from "./entity-row";
import { clickHouseTime } from "./run-list";

/** What a list shows of each of the ids that the inner SELECT picks. Names come from the catalogue, never from outside. */
function describe(entity: Entity, picked: string, order: string): string {
  return `
WITH picked AS (${picked})
SELECT
    ${entity.idColumn} AS id,
    ${entityFigures(entity)}
FROM ${entity.name}_scd FINAL
WHERE tenant_id = {tenantId:String} AND ${entity.idColumn} IN (SELECT ${entity.idColumn} FROM picked)
GROUP BY id
ORDER BY ${order}`;
}

function byPrefix(entity: Entity, paged: boolean) {
  const { name, idColumn } = entity;
  return tenantQuery({
    name: "entities.by-prefix",
    sql: describe(
      entity,
      `SELECT DISTINCT ${idColumn} FROM ${name}_scd FINAL
    WHERE tenant_id = {tenantId:String} AND startsWith(${idColumn}, {prefix:String}) ${paged ? `AND ${idColumn} > {after:String}` : ""}
    ORDER BY ${idColumn} LIMIT {limit:UInt32}`,
      "id",
    ),
    params: z.object({ prefix: z.string(), after: z.string().optional(), limit: z.number().int() }),
    row: entityRow,
    maxSeconds: 10,
  });
}

function newest(entity: Entity, paged: boolean) {
  const { name, idColumn } = entity;
  return tenantQuery({
    name: "entities.newest",
    sql: describe(
      entity,
      `SELECT ${idColumn} FROM ${name}_scd FINAL
    WHERE tenant_id = {tenantId:String}
    GROUP BY ${idColumn}
    ${paged ? `HAVING (max(effective_start_date), ${idColumn}) < ({afterAt:DateTime64(3, 'UTC')}, {afterId:String})` : ""}
    ORDER BY max(effective_start_date) DESC, ${idColumn} DESC LIMIT {limit:UInt32}`,
      "changedAt DESC, id DESC",
    ),
    params: z.object({
      afterAt: z.string().optional(),
      afterId: z.string().optional(),
      limit: z.number().int(),
    }),
    row: entityRow,
    maxSeconds: 20,
    weight: "heavy",
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
    rows = await newest(entity, afterAt !== undefined)(
      scope,
      { limit, ...(afterAt === undefined ? {} : { afterAt: clickHouseTime(afterAt), afterId }) },
      db,
    );
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
