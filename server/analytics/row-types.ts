import { z } from "zod";
import { zCount, zInstant } from "@/server/clickhouse/columns";

export { zCount, zFlag, zInstant } from "@/server/clickhouse/columns";

/** An instant where NULL is possible, as after an outer join without a match. */
export const zMaybeInstant = zInstant.nullable();

/** A count where an outer join without a match gives NULL. */
export const zCountOrZero = z.union([zCount, z.null()]).transform((value) => value ?? 0);

/** A Float64: a number, or text for what JSON cannot write (nan, inf), which counts as 0. */
export const zMeasure = z
  .union([z.number(), z.string()])
  .transform((value) => (Number.isFinite(Number(value)) ? Number(value) : 0));

/** A Float64 where NULL is possible. */
export const zMeasureOrZero = z.union([zMeasure, z.null()]).transform((value) => value ?? 0);

export const zMaybeText = z.string().nullable();
