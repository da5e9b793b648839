import { z } from "zod";
import type { Entity } from "@/lib/catalog";
import type { Db } from "@/server/clickhouse/client";
import { ASKED, tenantKeysQuery } from "@/server/clickhouse/gathered-tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { type EntityRow, entityFigures, entityRow } from "./entity-row";

/** Nobody knows a longer id by heart; bytes. */
const LONGEST = 200;
/** Prefixes of so many neighbouring lengths are looked for in one statement. */
const LENGTHS = 4;

/**
 * Ids that begin with what is asked for, as any part of the table has them, at most two. The granules that are read are the one
 * where the prefix itself would stand, and the one where the last text with this prefix would: in every part, the greatest id
 * that begins with the prefix is in the latter. So where there is one such id it is found, and where only one is found there
 * is no other; of several not all may be.
 */
function beginnings({ name, idColumn }: Entity) {
  const lengths = Array.from({ length: LENGTHS }, (_, place) => `{length${place}:UInt32}`);
  const isAsked = (length: string): string =>
    `(tenant_id, left(${idColumn}, ${length})) IN ${ASKED}`;
  return tenantKeysQuery(
    {
      name: "entities.beginnings",
      sql: `
SELECT tenant_id AS tenantId, key, id
FROM
(
    SELECT tenant_id, ${idColumn} AS id, left(id, arrayJoin([${lengths.join(", ")}])) AS key
    FROM ${name}_scd
    -- An array that is put together here would not be looked up in the index; what a SELECT gives is.
    WHERE indexHint((tenant_id, ${idColumn}) IN (SELECT arrayJoin(arrayConcat(
            ${ASKED},
            arrayZip({tenantIds:Array(String)}, arrayMap(key -> concat(key, '\\xFF'), {keys:Array(String)}))))))
        AND (${lengths.map(isAsked).join(" OR ")})
)
WHERE (tenant_id, key) IN ${ASKED}
GROUP BY tenantId, key, id
ORDER BY tenantId, key, id
LIMIT 2 BY tenantId, key`,
      row: z.object({ tenantId: z.string(), key: z.string(), id: z.string() }),
      maxSeconds: 10,
    },
    (keys) => {
      const [first = 0, ...more] = new Set(keys.map((key) => Buffer.byteLength(key)));
      return Object.fromEntries(
        lengths.map((_, place) => [`length${place}`, [first, ...more][place] ?? first]),
      );
    },
  );
}

function described(entity: Entity) {
  const { name, idColumn } = entity;
  return tenantKeysQuery({
    name: "entities.by-id",
    sql: `
SELECT tenant_id AS tenantId, ${idColumn} AS key, key AS id, ${entityFigures(entity)}
FROM ${name}_scd FINAL
PREWHERE (tenant_id, ${idColumn}) IN ${ASKED}
GROUP BY tenantId, key`,
    row: entityRow.extend({ tenantId: z.string(), key: z.string() }),
    maxSeconds: 10,
  });
}

function queriesOf(entity: Entity) {
  return {
    described: described(entity),
    beginnings: new Map<number, ReturnType<typeof beginnings>>(),
  };
}

/** Who asks for records of a table at once shares a statement, so there is one of each for a table. */
const queries = new Map<Entity, ReturnType<typeof queriesOf>>();

/**
 * The first entity whose id begins with a prefix, as programs ask that know the whole id, and the second one to tell that
 * there are more.
 *
 * @param prefix not ''
 * @returns at most two, by id; undefined where it takes a search to tell
 */
export async function firstByPrefix(
  scope: TenantScope,
  entity: Entity,
  prefix: string,
  db?: Db,
  signal?: AbortSignal,
): Promise<EntityRow[] | undefined> {
  const length = Buffer.byteLength(prefix);
  if (length > LONGEST) return undefined;
  let own = queries.get(entity);
  if (own === undefined) queries.set(entity, (own = queriesOf(entity)));
  const { described: describe } = own;
  const lengths = Math.floor(length / LENGTHS);
  let find = own.beginnings.get(lengths);
  if (find === undefined) own.beginnings.set(lengths, (find = beginnings(entity)));
  const ids = (await find(scope, prefix, db, signal)).map(({ id }) => id);
  if (ids.length === 0) return [];
  // It stands before all others, so where it is not there, or its neighbour is gone, only a search finds who is first.
  if (ids[0] !== prefix) return undefined;
  const rows = await Promise.all(ids.map(async (id) => describe(scope, id, db, signal)));
  const found = rows.flat().map(({ tenantId: _tenant, key: _key, ...row }) => row);
  return ids.length === 1 || found.length === ids.length ? found : undefined;
}
