import { z } from "zod";
import type { Entity } from "@/lib/catalog";
import { zCount, zFlag, zInstant, zMaybeText } from "./row-types";

/** What a list says of an entity. */
export const entityRow = z.object({
  id: z.string(),
  title: zMaybeText,
  versions: zCount,
  isCurrent: zFlag,
  changedAt: zInstant,
});
export type EntityRow = z.output<typeof entityRow>;

/** Its columns, of a history's rows grouped by entity. Names come from the catalogue, never from outside. */
export function entityFigures({ titleColumn }: Entity): string {
  return `substringUTF8(toString(tupleElement(argMax(tuple(${titleColumn}), effective_start_date), 1)), 1, 200) AS title,
    count() AS versions,
    max(is_current) AS isCurrent,
    max(effective_start_date) AS changedAt`;
}
