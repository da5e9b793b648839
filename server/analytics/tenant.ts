import { z } from "zod";
import { tableNames } from "@/lib/catalog";
import type { DayOutcome, TenantReply } from "@/lib/contracts/tenants";
import type { Db } from "@/server/clickhouse/client";
import { OF_ASKED_TENANTS, tenantsQuery } from "@/server/clickhouse/gathered-tenant-query";
import { AppError } from "@/server/errors";
import { gathered } from "@/server/clickhouse/gathered";
import { assertTenantScope, type TenantScope } from "@/server/tenant-scope";
import { homeReaderOf } from "@/server/tenants/placement";
import { countedOpen } from "@/server/dlq/letter-counts";
import { tenantTables } from "./fleet-tables";
import { RUN_COUNT_CAP } from "./run-list";
import { zCount } from "./row-types";
import { tenantSchedule } from "./schedule-standing";
import { tenantStandings } from "./tenant-standing";

const DAYS = 30;
const OUTCOMES: readonly DayOutcome[] = ["none", "good", "warning", "bad"];

const days = tenantsQuery(
  {
    name: "tenant.days",
    sql: `
SELECT
    tenant_id AS tenantId,
    table_name AS tableName,
    dateDiff('day', toDate(started_at, 'UTC'), toDate(now(), 'UTC')) AS daysAgo,
    max(multiIf(
        status IN ('failed', 'unbalanced'), 3,
        status IN ('partial', 'retrying', 'stalled', 'waiting_approval', 'cancelled'), 2,
        status = 'succeeded', 1,
        0
    )) AS worst
FROM run_tables FINAL
WHERE ${OF_ASKED_TENANTS} AND started_at >= toStartOfDay(now64(3, 'UTC'), 'UTC') - toIntervalDay({days:UInt16} - 1)
GROUP BY tenantId, tableName, daysAgo`,
    row: z.object({ tenantId: z.string(), tableName: z.string(), daysAgo: zCount, worst: zCount }),
    maxSeconds: 10,
  },
  { days: DAYS },
);

const found = z.object({ tenantId: z.string(), found: zCount });

const deadLetters = tenantsQuery({
  name: "tenant.dead-letters",
  sql: `
SELECT tenant_id AS tenantId, sum(open) AS found FROM (${countedOpen(`WHERE ${OF_ASKED_TENANTS}`)})
GROUP BY tenantId`,
  row: found,
  maxSeconds: 10,
});

// Of all its runs: versions of the same run are one.
const runCounts = tenantsQuery({
  name: "tenant.runs",
  sql: `SELECT tenant_id AS tenantId, count() AS found FROM runs FINAL WHERE ${OF_ASKED_TENANTS} GROUP BY tenantId`,
  row: found,
  maxSeconds: 10,
});

const DEAD_LETTER_CAP = 10_000;

function capped(rows: readonly { readonly found: number }[], cap: number) {
  const count = rows[0]?.found ?? 0;
  return { count: Math.min(count, cap), capped: count > cap };
}

/** Most who wait for one reading of their tenants. */
const MOST = 400;

/** Who looks at the same tenant at once gets the same reply. */
const readTogether = gathered<TenantScope, TenantReply>(
  async (db, scopes) => {
    const replies = new Map<string, Promise<TenantReply>>();
    for (const scope of scopes)
      if (!replies.has(scope.tenantId)) replies.set(scope.tenantId, assemble(scope, db));
    return Promise.all(
      scopes.map(async ({ tenantId }) => replies.get(tenantId) as Promise<TenantReply>),
    );
  },
  { most: MOST, rests: true },
);

/**
 * A tenant's page: its tables, thirty days of outcomes, how many runs and open dead letters it has.
 *
 * @throws AppError `not-found`
 */
export async function readTenant(
  scope: TenantScope,
  db?: Db,
  signal?: AbortSignal,
): Promise<TenantReply> {
  assertTenantScope(scope);
  return readTogether(db ?? (await homeReaderOf(scope.tenantId)), scope, signal);
}

async function assemble(scope: TenantScope, db: Db): Promise<TenantReply> {
  const [rows, schedules, dayRows, letters, runs] = await Promise.all([
    tenantTables(scope, db),
    tenantSchedule(scope, db),
    days(scope, db),
    deadLetters(scope, db),
    runCounts(scope, db),
  ]);
  const asOf = new Date().toISOString();
  const [tenant] = tenantStandings(rows, schedules, asOf);
  if (tenant === undefined)
    throw new AppError("not-found", "There is no such tenant, or you cannot see it.");
  const strips: Record<string, DayOutcome[]> = Object.fromEntries(
    tableNames.map((name) => [name, Array.from({ length: DAYS }, (): DayOutcome => "none")]),
  );
  for (const { tableName, daysAgo, worst } of dayRows) {
    const strip = strips[tableName];
    if (strip !== undefined && daysAgo >= 0 && daysAgo < DAYS)
      strip[DAYS - 1 - daysAgo] = OUTCOMES[worst] ?? "none";
  }
  return {
    asOf,
    tenant,
    days: strips,
    openDeadLetters: capped(letters, DEAD_LETTER_CAP),
    runs: capped(runs, RUN_COUNT_CAP),
  };
}
