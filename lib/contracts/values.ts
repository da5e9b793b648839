import { z } from "zod";
import { CAUSES, FRESHNESS, HEALTHS, RUN_STATES } from "@/lib/status";

/** An instant as ISO 8601 in UTC with milliseconds: `2026-11-22T03:12:40.000Z`. */
export const Instant = z.iso.datetime({ precision: 3 });
export type Instant = z.infer<typeof Instant>;

/** A tenant's name in keys, addresses and SQL (R1). */
export const TenantId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
export type TenantId = z.infer<typeof TenantId>;

export const RunId = z.string().min(1).max(64);
export type RunId = z.infer<typeof RunId>;

/** What a load can be. */
export const LOAD_MODES = ["bulk", "incremental"] as const;
export const LoadMode = z.enum(LOAD_MODES);
export type LoadMode = z.infer<typeof LoadMode>;

/** What a run can be: a load, or the replay of dead letters. */
export const RUN_MODES = [...LOAD_MODES, "replay"] as const;
export const RunMode = z.enum(RUN_MODES);
export type RunMode = z.infer<typeof RunMode>;

export const RunStatus = z.enum(RUN_STATES);
export type RunStatus = z.infer<typeof RunStatus>;

export const HealthWord = z.enum(HEALTHS);
export type HealthWord = z.infer<typeof HealthWord>;

/** Why a table is past its target. */
export const FreshnessCause = z.enum(CAUSES);
export type FreshnessCause = z.infer<typeof FreshnessCause>;

export const FreshnessState = z.enum(FRESHNESS);
export type FreshnessState = z.infer<typeof FreshnessState>;

const rows = z.number().int().nonnegative();

/** The row ledger: `read = new + changed + deleted + unchanged + duplicate + rejected`. */
export const RowLedger = z.object({
  read: rows,
  new: rows,
  changed: rows,
  deleted: rows,
  unchanged: rows,
  duplicate: rows,
  rejected: rows,
});
export type RowLedger = z.infer<typeof RowLedger>;

/** A count that stops at `cap`: shown as "10 000+" when there are more. */
export const CappedCount = z.object({ count: rows, capped: z.boolean() });
export type CappedCount = z.infer<typeof CappedCount>;

/** An opaque place in a list, made by the server: the next page begins behind it. */
export const Cursor = z.string().max(20_000);
