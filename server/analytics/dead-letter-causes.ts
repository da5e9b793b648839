import { z } from "zod";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";

/** Where a dead letter is. */
export interface LetterPlace {
  readonly tenantId: string;
  readonly tableName: string;
  readonly id: string;
}

/**
 * Columns of the dead letters at some places, as a SELECT; its parameters are {@link placeParams}. The newest row of each is
 * found by its version and not by FINAL, which would read these columns of all the rows around.
 */
export function atPlaces(columns: string): string {
  return `SELECT ${columns}
    FROM dead_letters
    WHERE dead_letter_id IN {ids:Array(String)} AND (tenant_id, table_name, dead_letter_id) IN
    (
        SELECT place.1, place.2, place.3
        FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {tables:Array(String)}, {ids:Array(String)})) AS place)
    )
    ORDER BY version DESC
    LIMIT 1 BY tenant_id, table_name, dead_letter_id`;
}

export const placeParams = z.object({
  tenants: z.array(z.string()),
  tables: z.array(z.string()),
  ids: z.array(z.string()),
});

/** The places as {@link placeParams} takes them. */
export function asPlaceParams(places: readonly LetterPlace[]): z.input<typeof placeParams> {
  return {
    tenants: places.map((place) => place.tenantId),
    tables: places.map((place) => place.tableName),
    ids: places.map((place) => place.id),
  };
}

const said = fleetQuery({
  name: "dlq.said",
  sql: `SELECT id, cause, example FROM (${atPlaces("dead_letter_id AS id, cause, substringUTF8(errors.value[1], 1, 60) AS example")})`,
  params: placeParams,
  row: z.object({ id: z.string(), cause: z.string(), example: z.string() }),
  maxSeconds: 10,
});

/** What some dead letters say of their cause, with a value that failed, by id. Values are cut in the database. */
export async function readCauses(
  places: readonly LetterPlace[],
  db?: Db,
): Promise<Map<string, { readonly cause: string; readonly example: string }>> {
  if (places.length === 0) return new Map();
  const rows = await said(asPlaceParams(places), db);
  return new Map(rows.map((row) => [row.id, row]));
}
