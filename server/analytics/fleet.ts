import { tableNames } from "@/lib/catalog";
import type { FleetReply, TenantStanding } from "@/lib/contracts/fleet";
import type { TenantListReply } from "@/lib/contracts/tenants";
import { HEALTHS, type Health } from "@/lib/status";
import { type Db, getReaderDb } from "@/server/clickhouse/client";
import { fleetOf } from "@/server/clickhouse/fleet-database";
import { gathered } from "@/server/clickhouse/gathered";
import { decodeCursor, encodeCursor } from "./cursor";
import { fleetTables } from "./fleet-tables";
import { needsYou } from "./needs-you";
import { fleetSchedules } from "./schedule-standing";
import { tenantStandings } from "./tenant-standing";
import { type WaitingPlan, waitingPlans } from "./waiting-plans";

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

interface Standings {
  readonly asOf: string;
  readonly tenants: readonly TenantStanding[];
}

async function standings(db: Db): Promise<Standings> {
  const [rows, schedules] = await Promise.all([
    fleetTables({ tables: [...tableNames] }, db),
    fleetSchedules({}, db),
  ]);
  const asOf = new Date().toISOString();
  return { asOf, tenants: tenantStandings(rows, schedules, asOf) };
}

/** Most who wait for one reading of the fleet. */
const MOST = 400;

/** A reply of each input for all who ask at once: they are of one reading, and who asks the same gets the same. */
function together<Input, Read, Reply>(
  read: (db: Db) => Promise<Read>,
  toReply: (input: Input, found: Read) => Reply,
): (input: Input, db?: Db, signal?: AbortSignal) => Promise<Reply> {
  const ask = gathered<Input, Reply>(
    async (db, inputs) => {
      const found = await read(db);
      const replies = new Map<string, Reply>();
      return inputs.map((input) => {
        const key = JSON.stringify(input);
        const reply = replies.get(key) ?? toReply(input, found);
        replies.set(key, reply);
        return reply;
      });
    },
    { most: MOST, rests: true },
  );
  return async (input, db, signal) => ask(db ?? fleetOf(await getReaderDb()), input, signal);
}

export interface FleetInput {
  readonly health: readonly Health[];
  readonly after: string | null;
  readonly limit: number;
}

/** The fleet page: needs, counts, and tenants worst first from `after` on. */
export const readFleet = together(
  async (db) => Promise.all([standings(db), waitingPlans({}, db)]),
  toFleet,
);

function toFleet(
  input: FleetInput,
  [{ asOf, tenants }, plans]: [Standings, readonly WaitingPlan[]],
): FleetReply {
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
export const readTenants = together(standings, toTenantList);

function toTenantList(input: TenantListInput, { asOf, tenants }: Standings): TenantListReply {
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
