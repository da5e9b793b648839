import { z } from "zod";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";

/** Where a dead letter is. */
export interface LetterPlace {
  readonly tenantId: string;
  readonly tableName: string;
  readonly id: string;
}

const said = fleetQuery({
  name: "dlq.said",
  sql: `
SELECT dead_letter_id AS id, cause, substringUTF8(errors.value[1], 1, 60) AS example
FROM dead_letters FINAL
WHERE (tenant_id, table_name, dead_letter_id) IN
(
    SELECT place.1, place.2, place.3
    FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {tables:Array(String)}, {ids:Array(String)})) AS place)
)`,
  params: z.object({
    tenants: z.array(z.string()),
    tables: z.array(z.string()),
    ids: z.array(z.string()),
  }),
  row: z.object({ id: z.string(), cause: z.string(), example: z.string() }),
  maxSeconds: 10,
});

/** What some dead letters say of their cause, with a value that failed, by id. Values are cut in the database. */
export async function readCauses(
  places: readonly LetterPlace[],
  db?: Db,
): Promise<Map<string, { readonly cause: string; readonly example: string }>> {
  if (places.length === 0) return new Map();
  const rows = await said(
    {
      tenants: places.map((place) => place.tenantId),
      tables: places.map((place) => place.tableName),
      ids: places.map((place) => place.id),
    },
    db,
  );
  return new Map(rows.map((row) => [row.id, row]));
}
