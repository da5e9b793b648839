import "server-only";
import {
  type SettingsChanged,
  SETTABLE,
  type TenantSettings,
} from "@/lib/contracts/tenant-settings";
import { cronProblem } from "@/lib/schedule";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import { inTurn } from "@/server/in-turn";
import { nextVersion } from "@/server/runs/version";
import { findTenant, type Tenant } from "./find-tenant";
import { isTimeZone } from "./register-tenant";

/** What may be changed, by name; what is left out stays. */
export type SettingsChange = {
  readonly [Field in (typeof SETTABLE)[number]]?: TenantSettings[Field] | undefined;
};

/** A tenant's settings as the API shows them. */
export function settingsOf(tenant: Tenant): TenantSettings {
  return {
    tenantId: tenant.tenantId,
    scheduleKind: tenant.schedule.kind,
    intervalMinutes: tenant.schedule.intervalMinutes,
    cron: tenant.schedule.cron,
    scheduleTimeZone: tenant.scheduleTimeZone,
    priority: tenant.priority,
    tablesAtOnce: tenant.tablesAtOnce,
    rejectThresholdPercent: tenant.rejectThresholdPercent,
    rejectMinimumRows: tenant.rejectMinimumRows,
    deleteThresholdPercent: tenant.deleteThresholdPercent,
    deleteMinimumRecords: tenant.deleteMinimumRecords,
    freshnessTargetMinutes: tenant.freshnessTargetMinutes,
    paused: tenant.paused,
    pausedBy: tenant.pausedBy,
    pausedAt: tenant.pausedAt,
    pauseReason: tenant.pauseReason,
  };
}

/** The column of each setting with its type: the only names that get into the statement. */
const COLUMNS = {
  scheduleKind: ["schedule_kind", "String"],
  intervalMinutes: ["schedule_interval_minutes", "UInt32"],
  cron: ["schedule_cron", "String"],
  scheduleTimeZone: ["schedule_time_zone", "String"],
  priority: ["priority", "String"],
  tablesAtOnce: ["tables_at_once", "UInt8"],
  rejectThresholdPercent: ["reject_threshold_percent", "Float64"],
  rejectMinimumRows: ["reject_minimum_rows", "UInt32"],
  deleteThresholdPercent: ["delete_threshold_percent", "Float64"],
  deleteMinimumRecords: ["delete_minimum_records", "UInt32"],
  freshnessTargetMinutes: ["freshness_target_minutes", "UInt32"],
  paused: ["paused", "Bool"],
  pausedBy: ["paused_by", "String"],
  pausedAt: ["paused_at", "Nullable(DateTime64(3, 'UTC'))"],
  pauseReason: ["pause_reason", "String"],
  scheduleSince: ["schedule_since", "Nullable(DateTime64(3, 'UTC'))"],
} as const;
type Columns = { readonly [Name in keyof typeof COLUMNS]?: string | number | boolean | null };

/** Adds the tenant's row anew with some columns changed, whatever other columns there are. */
async function writeColumns(db: Db, tenantId: string, changed: Columns): Promise<void> {
  const names = (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).filter(
    (name) => changed[name] !== undefined,
  );
  const replaced = names.map((name) => {
    const [column, type] = COLUMNS[name];
    return `{${column}:${type}} AS ${column}`;
  });
  await db.command({
    name: "tenants.change",
    params: {
      tenant_id: tenantId,
      new_version: nextVersion(),
      ...Object.fromEntries(names.map((name) => [COLUMNS[name][0], parameter(changed[name])])),
    },
    sql: `INSERT INTO tenants
SELECT * REPLACE (${[...replaced, "{new_version:UInt64} AS version"].join(", ")})
FROM tenants FINAL WHERE tenants.tenant_id = {tenant_id:String}`,
  });
}

/** Times are bound as ClickHouse writes them. */
function parameter(value: string | number | boolean | null | undefined): unknown {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT.*Z$/.test(value)
    ? value.replace("T", " ").replace("Z", "")
    : value;
}

async function change(
  db: Db,
  tenantId: string,
  decide: (tenant: Tenant) => Columns,
): Promise<SettingsChanged> {
  return inTurn(`tenant:${tenantId}`, async () => {
    const tenant = await findTenant(db, tenantId);
    if (tenant === undefined)
      throw new AppError("not-found", "There is no such tenant, or you cannot see it.");
    const columns = decide(tenant);
    if (Object.keys(columns).length > 0) await writeColumns(db, tenantId, columns);
    const after = await findTenant(db, tenantId);
    return { before: settingsOf(tenant), after: settingsOf(after ?? tenant) };
  });
}

function refuse(path: string, message: string): never {
  throw new AppError("invalid-input", `${path}: ${message}`, { faults: [{ path, message }] });
}

/**
 * Changes what is named of a tenant's settings. A new schedule counts from now on: its times before that are not missed.
 *
 * @throws AppError `invalid-input` where the schedule cannot be, `not-found`
 */
export async function changeSettings(
  db: Db,
  tenantId: string,
  wanted: SettingsChange,
): Promise<SettingsChanged> {
  return change(db, tenantId, (tenant) => {
    const current = settingsOf(tenant);
    const next: TenantSettings = { ...current, ...withoutUndefined(wanted) };
    const zone = next.scheduleTimeZone === "" ? tenant.timeZone : next.scheduleTimeZone;
    if (!isTimeZone(zone))
      refuse("scheduleTimeZone", "This is not a time zone, such as Europe/Berlin.");
    if (next.scheduleKind === "cron") {
      const problem = cronProblem(next.cron, zone, Date.now());
      if (problem !== null) refuse("cron", problem);
    }
    const changed = SETTABLE.filter((field) => next[field] !== current[field]);
    const isRescheduled = changed.some((field) =>
      ["scheduleKind", "intervalMinutes", "cron", "scheduleTimeZone"].includes(field),
    );
    return {
      ...Object.fromEntries(changed.map((field) => [field, next[field]])),
      ...(isRescheduled ? { scheduleSince: new Date().toISOString() } : {}),
    };
  });
}

/** Only what is named: what is left out must not come in as undefined. */
function withoutUndefined(wanted: SettingsChange): Partial<TenantSettings> {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

/**
 * Lets nothing of a tenant start by itself, or (`paused` false) lets it again: what was missed in between is then looked for
 * at once. Runs that are at work go on.
 */
export async function setPaused(
  db: Db,
  tenantId: string,
  paused: boolean,
  by: { readonly actor: string; readonly reason?: string },
): Promise<SettingsChanged> {
  return change(db, tenantId, (tenant) =>
    tenant.paused === paused
      ? {}
      : {
          paused,
          pausedBy: paused ? by.actor : "",
          pausedAt: paused ? new Date().toISOString() : null,
          pauseReason: paused ? (by.reason ?? "") : "",
        },
  );
}
