import { z } from "zod";

/** A tenant's table. */
export interface TablePlace {
  readonly tenantId: string;
  readonly tableName: string;
}

/** A condition that holds for rows of these places, and for some others of the same tenants: see {@link isAt}. */
export const IN_PLACES =
  "tenant_id IN {tenant_ids:Array(String)} AND table_name IN {table_names:Array(String)}";

export function placesParams(places: readonly TablePlace[]): Record<string, unknown> {
  return {
    tenant_ids: [...new Set(places.map(({ tenantId }) => tenantId))],
    table_names: [...new Set(places.map(({ tableName }) => tableName))],
  };
}

/** What a row says of its place. */
export const InPlace = z.object({ tenant_id: z.string(), table_name: z.string() });

export function isAt(place: TablePlace, row: z.infer<typeof InPlace>): boolean {
  return row.tenant_id === place.tenantId && row.table_name === place.tableName;
}
