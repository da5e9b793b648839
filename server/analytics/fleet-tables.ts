import { z } from "zod";
import { tableNames } from "@/lib/catalog";
import { RunMode, RunStatus } from "@/lib/contracts/values";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { OF_ASKED_TENANTS, tenantsQuery } from "@/server/clickhouse/gathered-tenant-query";
import {
  zCount,
  zCountOrZero,
  zInstant,
  zMaybeInstant,
  zMaybeText,
  zMeasure,
  zMeasureOrZero,
} from "./row-types";
import { lastSign, shownStatus, WORKER_BEATS } from "./run-status-sql";

const row = z.object({
  tenantId: z.string(),
  name: z.string(),
  sourceSystem: z.string(),
  timeZone: z.string(),
  targetMinutes: zCount,
  rejectThresholdPercent: zMeasure,
  createdAt: zInstant,
  createdBy: z.string(),
  tableName: z.string(),
  newestObjectAt: zMaybeInstant,
  entities: zCountOrZero,
  versions: zCountOrZero,
  current: zCountOrZero,
  invariantsHeld: zCountOrZero,
  invariantsChecked: zCountOrZero,
  invariantsBroken: z.array(z.string()).nullable(),
  lastGoodAt: zMaybeInstant,
  runId: zMaybeText,
  tableStatus: zMaybeText,
  step: zMaybeText,
  startedAt: zMaybeInstant,
  finishedAt: zMaybeInstant,
  read: zCountOrZero,
  accounted: zCountOrZero,
  rejected: zCountOrZero,
  rowsPerSecond: zMeasureOrZero,
  error: zMaybeText,
  runMode: RunMode.nullable(),
  runStatus: RunStatus.nullable(),
  runStartedAt: zMaybeInstant,
  runFinishedAt: zMaybeInstant,
  heartbeatAt: zMaybeInstant,
});
/** One tenant's table with its state and its newest run; run fields are null where it never had one. */
export type FleetTableRow = z.output<typeof row>;

interface Clauses {
  tenants: string;
  states: string;
  runTables: string;
  runs: string;
}

function statement({ tenants, states, runTables, runs }: Clauses): string {
  return `
WITH newest AS
(
    SELECT tenant_id, table_name, max(newest_run) AS newest_run_id, max(newest_good) AS last_good_at
    FROM
    (
        -- As the projection newest_of_table has it, replaced rows among them: they name no newer run and no later good end.
        SELECT tenant_id, toString(table_name) AS table_name, max(run_id) AS newest_run,
            maxIf(finished_at, status = 'succeeded') AS newest_good
        FROM run_tables ${runTables}
        GROUP BY tenant_id, table_name
        UNION ALL
        -- A run that nobody has taken up yet has no row per table.
        SELECT tenant_id, arrayJoin(if(empty(tables), {tables:Array(String)}, tables)) AS table_name, run_id AS newest_run, NULL AS newest_good
        FROM runs FINAL WHERE status = 'queued' ${runs}
    )
    GROUP BY tenant_id, table_name
)
SELECT
    tenant.tenant_id AS tenantId,
    tenant.name AS name,
    tenant.source_system AS sourceSystem,
    tenant.time_zone AS timeZone,
    tenant.freshness_target_minutes AS targetMinutes,
    tenant.reject_threshold_percent AS rejectThresholdPercent,
    tenant.created_at AS createdAt,
    tenant.created_by AS createdBy,
    tenant.table_name AS tableName,
    state.newest_object_at AS newestObjectAt,
    state.entities AS entities,
    state.versions AS versions,
    state.current AS current,
    state.invariants_held AS invariantsHeld,
    state.invariants_checked AS invariantsChecked,
    if(state.tenant_id IS NULL, [], state.invariants_broken) AS invariantsBroken,
    newest.last_good_at AS lastGoodAt,
    newest.newest_run_id AS runId,
    work.status AS tableStatus,
    work.step AS step,
    work.started_at AS startedAt,
    work.finished_at AS finishedAt,
    work.read AS read,
    work.new + work.changed + work.deleted + work.unchanged + work.duplicate + work.rejected AS accounted,
    work.rejected AS rejected,
    work.rows_per_second AS rowsPerSecond,
    work.error AS error,
    run.mode AS runMode,
    ${shownStatus("run")} AS runStatus,
    run.started_at AS runStartedAt,
    run.finished_at AS runFinishedAt,
    if(run.run_id IS NULL, NULL, ${lastSign("run", "beat")}) AS heartbeatAt
FROM
(
    SELECT * EXCEPT version, arrayJoin({tables:Array(String)}) AS table_name
    FROM tenants FINAL ${tenants}
) AS tenant
LEFT JOIN (SELECT * FROM table_states FINAL ${states}) AS state
    ON state.tenant_id = tenant.tenant_id AND state.table_name = tenant.table_name
LEFT JOIN newest ON newest.tenant_id = tenant.tenant_id AND newest.table_name = tenant.table_name
LEFT JOIN (SELECT * FROM run_tables FINAL WHERE run_id IN (SELECT newest_run_id FROM newest)) AS work
    ON work.run_id = newest.newest_run_id AND work.table_name = newest.table_name
LEFT JOIN (SELECT * FROM runs FINAL WHERE run_id IN (SELECT newest_run_id FROM newest)) AS run
    ON run.run_id = newest.newest_run_id
LEFT JOIN ${WORKER_BEATS} AS beat ON beat.token = run.worker
ORDER BY tenantId, indexOf({tables:Array(String)}, tableName)
SETTINGS join_use_nulls = 1`;
}

const params = z.object({ tables: z.array(z.string()) });
/** Every table of every tenant; a tenant that was never loaded has its rows too. */
export const fleetTables = fleetQuery({
  name: "fleet.tables",
  sql: statement({ tenants: "", states: "", runTables: "", runs: "" }),
  params,
  row,
  maxSeconds: 10,
});

const OF_TENANTS = `WHERE ${OF_ASKED_TENANTS}`;

/** The same for one tenant. */
export const tenantTables = tenantsQuery(
  {
    name: "tenant.tables",
    sql: statement({
      tenants: OF_TENANTS,
      states: OF_TENANTS,
      runTables: OF_TENANTS,
      runs: `AND ${OF_ASKED_TENANTS}`,
    }),
    row,
    maxSeconds: 10,
  },
  { tables: [...tableNames] },
);
