import { z } from "zod";
import { tableNames } from "@/lib/catalog";
import type { DayOutcome, TenantReply } from "@/lib/contracts/tenants";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import { AppError } from "@/server/errors";
import type { TenantScope } from "@/server/tenant-scope";
import { countedOpen } from "@/server/dlq/letter-counts";
import { tenantTables } from "./fleet-tables";
import { countRuns } from "./run-list";
import { zCount } from "./row-types";
import { tenantSchedule } from "./schedule-standing";
import { tenantStandings } from "./tenant-standing";

const DAYS = 30;
const OUTCOMES: readonly DayOutcome[] = ["none", "good", "warning", "bad"];

const days = tenantQuery({
  name: "tenant.days",
  sql: `
SELECT
    table_name AS tableName,
    dateDiff('day', toDate(started_at, 'UTC'), toDate(now(), 'UTC')) AS daysAgo,
    max(multiIf(
        status IN ('failed', 'unbalanced'), 3,
        status IN ('partial', 'retrying', 'stalled', 'waiting_approval', 'cancelled'), 2,
        status = 'succeeded', 1,
        0
    )) AS worst
FROM run_tables FINAL
WHERE tenant_id = {tenantId:String} AND started_at >= toStartOfDay(now64(3, 'UTC'), 'UTC') - toIntervalDay({days:UInt16} - 1)
GROUP BY tableName, daysAgo`,
  params: z.object({ days: z.number().int() }),
  row: z.object({ tableName: z.string(), daysAgo: zCount, worst: zCount }),
  maxSeconds: 10,
});

const deadLetters = tenantQuery({
  name: "tenant.dead-letters",
  sql: `
SELECT sum(open) AS found FROM (${countedOpen("WHERE tenant_id = {tenantId:String}")})`,
  params: z.object({}),
  row: z.object({ found: zCount }),
  maxSeconds: 10,
});

const DEAD_LETTER_CAP = 10_000;

/** A tenant's page: its tables, thirty days of outcomes, how many runs and open dead letters it has. */
export async function readTenant(scope: TenantScope, db?: Db): Promise<TenantReply> {
  const [rows, schedules, dayRows, letters, runs] = await Promise.all([
    tenantTables(scope, { tables: [...tableNames] }, db),
    tenantSchedule(scope, {}, db),
    days(scope, { days: DAYS }, db),
    deadLetters(scope, {}, db),
    countRuns({ tenants: [scope.tenantId] }, db),
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
  const found = letters[0]?.found ?? 0;
  return {
    asOf,
    tenant,
    days: strips,
    openDeadLetters: { count: Math.min(found, DEAD_LETTER_CAP), capped: found > DEAD_LETTER_CAP },
    runs,
  };
}
