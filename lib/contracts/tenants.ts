import { z } from "zod";
import { contract } from "./contract";
import { After, listOf, pageSize } from "./read-input";
import { TenantStanding } from "./fleet";
import { CappedCount, HealthWord, Instant, TenantId } from "./values";

/** Tenants by name, with the same facts as on the fleet page. */
export const TenantListReply = z.object({
  asOf: Instant,
  rows: z.array(TenantStanding),
  matching: z.number(),
  total: z.number(),
  next: z.string().nullable(),
});
export type TenantListReply = z.infer<typeof TenantListReply>;

/** The worst outcome of a day's runs of a table. */
export const DayOutcome = z.enum(["none", "good", "warning", "bad"]);
export type DayOutcome = z.infer<typeof DayOutcome>;

export const TenantReply = z.object({
  asOf: Instant,
  tenant: TenantStanding,
  /** Thirty days by table name, oldest first, in UTC days. */
  days: z.record(z.string(), z.array(DayOutcome)),
  openDeadLetters: CappedCount,
  runs: CappedCount,
});
export type TenantReply = z.infer<typeof TenantReply>;

export const AGE_WINDOWS = ["12h", "3d", "30d"] as const;
export const AgeWindow = z.enum(AGE_WINDOWS);
export type AgeWindow = z.infer<typeof AgeWindow>;

/**
 * What tells the age of a table over a window up to `asOf`: its loads, oldest first, the newest one before the window among
 * them. The age rises second by second and falls when newer data is published.
 */
export const AgeReply = z.object({
  asOf: Instant,
  tenantId: TenantId,
  tableName: z.string(),
  window: AgeWindow,
  targetMinutes: z.number(),
  from: Instant,
  loads: z.array(z.object({ publishedAt: Instant, dataAt: Instant })),
});
export type AgeReply = z.infer<typeof AgeReply>;

export const tenantsContract = contract({
  method: "GET",
  path: "/api/v1/tenants",
  summary: "Tenants by name",
  params: {},
  input: z.strictObject({
    search: z.string().max(200).default(""),
    health: listOf(HealthWord),
    after: After,
    limit: pageSize(50),
  }),
  reply: TenantListReply,
});

export const tenantContract = contract({
  method: "GET",
  path: "/api/v1/tenants/[tenant]",
  summary: "One tenant with its tables",
  params: { tenant: "tenantId" },
  input: z.strictObject({ tenantId: TenantId }),
  reply: TenantReply,
});

export const tableAgeContract = contract({
  method: "GET",
  path: "/api/v1/tenants/[tenant]/tables/[table]/age",
  summary: "How old a table was over time",
  params: { tenant: "tenantId", table: "table" },
  input: z.strictObject({
    tenantId: TenantId,
    table: z.string().max(200),
    window: AgeWindow.default("12h"),
  }),
  reply: AgeReply,
});
