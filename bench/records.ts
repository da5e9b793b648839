import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Column, Entity } from "@/lib/catalog";
import type { Db } from "@/server/clickhouse/client";

/** Made records of one table for many tenants at once. */
export interface MadeRecords {
  readonly entity: Entity;
  readonly tenants: readonly string[];
  /** Records a tenant. */
  readonly rows: number;
  /** Entities a tenant: records beyond them are later states of the same. */
  readonly entities: number;
  /** Of which entity, and at which second after the first record, the first of these records is. */
  readonly from: number;
  /** ms UTC of the object's stamp; its name is made of it. */
  readonly stamp: number;
}

/** `tickets-20260101T000000Z-1.ndjson.zst`, and of other tables alike. */
export function objectName(entity: Entity, stamp: number): string {
  const text = new Date(stamp).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  return `${entity.name}-${text}-1.ndjson.zst`;
}

const WORDS =
  "['New', 'Assigned', 'Waiting', 'Closed', 'north', 'south', 'east', 'west', 'review', 'visit']";

/** A value that changes with every record, so that each is a new state of its entity. */
function value({ name, type, format }: Column, place: number): string {
  const random = `cityHash64(number, ${place})`;
  if (type === "decimal") return `(${random} % 4000) / 4 AS ${name}`;
  if (type === "integer") return `${random} % 5000 AS ${name}`;
  if (type === "datetime")
    return `formatDateTime(toDateTime('2025-01-01 00:00:00', 'UTC') + ${random} % 30000000, '%Y-%m-%dT%H:%i:%S.000Z') AS ${name}`;
  if (format === "email")
    return `concat('person', toString(${random} % 9000), '@example.com') AS ${name}`;
  return `concat(${WORDS}[1 + ${random} % 10], ' ', toString(${random} % 700)) AS ${name}`;
}

/** Lands one object a tenant, written by ClickHouse itself in one statement. */
export async function landRecords(db: Db, store: string, made: MadeRecords): Promise<void> {
  const { entity, tenants, rows, entities, from, stamp } = made;
  for (const tenantId of tenants)
    await mkdir(join(store, tenantId, "canonical", entity.name), { recursive: true });
  const columns = entity.columns.map((column, place) => value(column, place));
  await db.command({
    name: "bench.land",
    params: {
      path: `${store}/{_partition_id}/canonical/${entity.name}/${objectName(entity, stamp)}`,
      tenants,
    },
    sql: `INSERT INTO FUNCTION file({path:String}, 'JSONEachRow') PARTITION BY tenant_id
SELECT tenant_id, concat('${entity.name}-', toString(number % ${entities})) AS ${entity.idColumn}, ${columns.join(", ")},
  'bench' AS source_system, '${entity.name}' AS source_table,
  formatDateTime(toDateTime('2025-06-01 00:00:00', 'UTC') + number, '%Y-%m-%dT%H:%i:%S.000Z') AS last_updated
FROM (SELECT arrayJoin({tenants:Array(String)}) AS tenant_id) AS tenants CROSS JOIN (SELECT number FROM numbers(${from}, ${rows})) AS records`,
  });
}
