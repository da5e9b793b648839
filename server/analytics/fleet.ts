import { tableNames } from "@/lib/catalog";
import type { FleetReply, TenantStanding } from "@/lib/contracts/fleet";
import type { TenantListReply } from "@/lib/contracts/tenants";
import { HEALTHS, type Health } from "@/lib/status";
import type { Db } from "@/server/clickhouse/client";
import { decodeCursor, encodeCursor } from "./cursor";
import { fleetTables } from "./fleet-tables";
import { needsYou } from "./needs-you";
import { fleetSchedules } from "./schedule-standing";
import { tenantStandings } from "./tenant-standing";
import { waitingPlans } from "./waiting-plans";

const NEEDS_SHOWN = 5;

/** How far the worst table is past its target: 2 is twice the target; what was never loaded is 0. */
function lateness(tenant: TenantStanding): number {
  return Math.max(
    0,
    ...tenant.tables.map(
      (table) => (table.ageSeconds ?? 0) / (Math.max(1, table.targetMinutes) * 60),
    ),
  );
}

async function standings(db: Db | undefined): Promise<{ asOf: string; tenants: TenantStanding[] }> {
  const [rows, schedules] = await Promise.all([
    fleetTables({ tables: [...tableNames] }, db),
    fleetSchedules({}, db),
  ]);
  const asOf = new Date().toISOString();
  return { asOf, tenants: tenantStandings(rows, schedules, asOf) };
}

export interface FleetInput {
  readonly health: readonly Health[];
  readonly after: string | null;
  readonly limit: number;
}

/** The fleet page: needs, counts, and tenants worst first from `after` on. */
export async function readFleet(input: FleetInput, db?: Db): Promise<FleetReply> {
  const [{ asOf, tenants }, plans] = await Promise.all([standings(db), waitingPlans({}, db)]);
  const tables = tenants.flatMap((tenant) => tenant.tables);
  const needs = needsYou(tenants, asOf, plans);
  const matching = tenants
    .filter((tenant) => input.health.length === 0 || input.health.includes(tenant.health))
    .map((tenant) => ({ tenant, rank: HEALTHS.indexOf(tenant.health), lateness: lateness(tenant) }))
    .toSorted(
      (a, b) =>
        a.rank - b.rank ||
        b.lateness - a.lateness ||
        a.tenant.tenantId.localeCompare(b.tenant.tenantId),
    );
  // Ages move between two pages, ranks and names hardly do: the next page begins behind the tenant itself.
  const from =
    input.after === null
      ? 0
      : matching.findIndex(
          ({ tenant }) => tenant.tenantId === decodeCursor(input.after ?? "", 1)[0],
        ) + 1;
  const page = matching.slice(from, from + input.limit);
  const last = page.at(-1);
  return {
    asOf,
    health: {
      degraded: tenants.filter((tenant) => tenant.health === "degraded").length,
      warning: tenants.filter((tenant) => tenant.health === "warning").length,
      unknown: tenants.filter((tenant) => tenant.health === "unknown").length,
      healthy: tenants.filter((tenant) => tenant.health === "healthy").length,
    },
    tenants: tenants.length,
    tables: tables.length,
    tablesWithinTarget: tables.filter((table) => table.state === "within").length,
    needs: needs.slice(0, NEEDS_SHOWN),
    needsMore: Math.max(0, needs.length - NEEDS_SHOWN),
    rows: page.map(({ tenant }) => tenant),
    matching: matching.length,
    next:
      last !== undefined && from + page.length < matching.length
        ? encodeCursor([last.tenant.tenantId])
        : null,
  };
}

export interface TenantListInput {
  readonly search: string;
  readonly health: readonly Health[];
  readonly after: string | null;
  readonly limit: number;
}

/** Tenants by name, from `after` on; `search` looks into names, ids and sources without regard to case. */
export async function readTenants(input: TenantListInput, db?: Db): Promise<TenantListReply> {
  const { asOf, tenants } = await standings(db);
  const wanted = input.search.trim().toLowerCase();
  const key = (tenant: TenantStanding): string =>
    `${tenant.name.toLowerCase()}\u0000${tenant.tenantId}`;
  const matching = tenants
    .filter((tenant) => input.health.length === 0 || input.health.includes(tenant.health))
    .filter((tenant) =>
      [tenant.name, tenant.tenantId, tenant.sourceSystem].some((text) =>
        text.toLowerCase().includes(wanted),
      ),
    )
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const after = input.after === null ? "" : (decodeCursor(input.after, 1)[0] ?? "");
  const rest = matching.filter((tenant) => key(tenant) > after);
  const page = rest.slice(0, input.limit);
  const last = page.at(-1);
  return {
    asOf,
    rows: page,
    matching: matching.length,
    total: tenants.length,
    next: last !== undefined && rest.length > page.length ? encodeCursor([key(last)]) : null,
  };
}
