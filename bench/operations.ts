import type { Db } from "@/server/clickhouse/client";

/** How much there is of what a console that has run for a month shows. */
export interface OperationsSize {
  readonly tenants: number;
  readonly runs: number;
  readonly deadLetters: number;
  /** Versions of the one tenant's tickets that has a history. */
  readonly versions: number;
}

/** The tenant that everything about one tenant is asked of: it has a history too. */
export const SEEN_TENANT = tenantName("7");

/** The tenant with this number, which is an SQL expression; a literal gives a literal's text. */
function tenantName(number: string): string {
  return /^\d+$/.test(number)
    ? `tenant-${number.padStart(3, "0")}`
    : `concat('tenant-', leftPad(toString(${number}), 3, '0'))`;
}

const TABLES = "['companies', 'contacts', 'tickets', 'time_entries']";
const STEPS = "['discover', 'stage', 'audit', 'merge', 'publish', 'ledger', 'verify']";
const RULES = `[('json', ''), ('encoding', ''), ('required', 'ticket_id'), ('datetime', 'last_updated'), ('required', 'status'),
  ('datetime', 'created_date'), ('datetime', 'closed_date'), ('numeric', 'budget_hours'), ('numeric', 'actual_hours')]`;

/** Characters of a ULID for a number: the time of the first ten, a hash in the other sixteen. */
function crockford(number: string, characters: number): string {
  return `arrayStringConcat(arrayMap(i -> substring('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
    1 + toUInt8(bitAnd(bitShiftRight(toUInt128(${number}), 5 * (${characters} - 1 - i)), 31)), 1), range(${characters})))`;
}

/**
 * Fills the operational tables as a month of increments over all tenants would have: written by ClickHouse itself, the same
 * for every run of the bench but for the times, which end now. A share of the rows is written again with a higher version,
 * as every row of these tables is in its life, and left to the server to merge.
 */
export async function makeOperations(db: Db, size: OperationsSize): Promise<void> {
  for (const [name, sql] of statements(size)) {
    await db.command({ name: `bench.console.${name}`, sql, params: { ...size } });
  }
}

function statements(size: OperationsSize): [name: string, sql: string][] {
  return [
    ["tenants", TENANTS],
    ["leases", LEASES],
    // Queued rows first, then what became of them: the newest tenth is not merged.
    ["runs", runs("number < {runs:UInt64} - intDiv({runs:UInt64}, 10)")],
    ["runs-newest", runs("number >= {runs:UInt64} - intDiv({runs:UInt64}, 10)", "begun")],
    ["runs-ended", runs("number >= {runs:UInt64} - intDiv({runs:UInt64}, 10)")],
    ["run-tables", RUN_TABLES],
    ["run-steps", RUN_STEPS],
    ["run-tasks", RUN_TASKS],
    ["run-events", RUN_EVENTS],
    ["batches", BATCHES],
    ["objects", OBJECTS],
    ["validation", VALIDATION],
    ["states", STATES],
    ["looks", LOOKS],
    ["plans", PLANS],
    ["audit", AUDIT],
    // Met once; met again or closed since.
    ...[0, 1, 2, 3].map((slice): [string, string] => [
      `dead-letters-${slice}`,
      deadLetters(`number % 4 = ${slice}`, "open"),
    ]),
    ["dead-letters-closed", deadLetters("number % 5 < 2", "closed")],
    ...(size.versions === 0 ? [] : [["versions", VERSIONS] satisfies [string, string]]),
  ];
}

const MONTH_MS = 30 * 24 * 3600 * 1000;
/** When the run of this number was asked for, in ms. */
const RUN_AT = `(toUnixTimestamp64Milli(now64(3)) - 5000 - toInt64(({runs:UInt64} - 1 - number) * ${MONTH_MS} / {runs:UInt64}))`;

const TENANTS = `INSERT INTO tenants (tenant_id, name, source_system, time_zone, freshness_target_minutes,
  reject_threshold_percent, reject_minimum_rows, created_at, created_by, version)
SELECT ${tenantName("number")}, concat(['Northwind', 'Contoso', 'Fabrikam', 'Tailspin', 'Litware'][1 + number % 5], ' ', toString(number)),
  ['connectwise', 'servicenow', 'salesforce'][1 + number % 3], 'Europe/Berlin', 60 * 24, 10, 100,
  now64(3) - toIntervalDay(40), 'bench', 1
FROM numbers({tenants:UInt64})`;

const LEASES = `INSERT INTO leases
SELECT 'worker', concat('worker-', toString(number % 8)), 'bench', '', now64(3) - toIntervalSecond(intDiv(number, 8)), 0, 1000 - intDiv(number, 8)
FROM numbers(800)`;

/** The newest thirty runs are open: ten are queued, the others at work. */
function runs(which: string, state: "begun" | "ended" = "ended"): string {
  return `INSERT INTO runs (run_id, tenant_id, mode, tables, status, trigger, requested_by, created_at, started_at, finished_at,
  cancel_requested_by, worker, heartbeat_at, error, version)
SELECT
  concat(${crockford(RUN_AT, 10)}, ${crockford("reinterpretAsUInt128(sipHash128(number))", 16)}),
  ${tenantName("number % {tenants:UInt64}")},
  if(number < {tenants:UInt64}, 'bulk', 'incremental'), [],
  multiIf(number >= {runs:UInt64} - 10, 'queued', number >= {runs:UInt64} - 30, 'running',
    ${state === "begun" ? "true, 'running'," : ""}
    cityHash64(number) % 100 < 2, 'failed', cityHash64(number) % 100 < 5, 'partial', cityHash64(number) % 100 < 6, 'cancelled', 'succeeded') AS state,
  if(number < {tenants:UInt64}, 'console', 'schedule'), 'schedule',
  fromUnixTimestamp64Milli(${RUN_AT}, 'UTC') AS asked,
  if(state = 'queued', NULL, asked + toIntervalMillisecond(800)),
  if(state IN ('queued', 'running'), NULL, asked + toIntervalMillisecond(1000 + cityHash64(number, 1) % 20000)),
  '', if(state = 'queued', '', concat('worker-', toString(number % 8))), asked + toIntervalSecond(3),
  if(state = 'failed', 'ClickHouse could not read the object: unexpected end of file. Load again once it is complete.', ''),
  ${state === "begun" ? "1" : "2"}
FROM numbers({runs:UInt64})
WHERE ${which}`;
}

/** Ids, tenants and times of the runs, whatever a table has of them. */
const BEGUN = `(SELECT run_id, tenant_id, status, created_at, ifNull(started_at, created_at) AS begun_at, finished_at FROM runs FINAL WHERE status != 'queued')`;

const RUN_TABLES = `INSERT INTO run_tables
SELECT run_id, tenant_id, arrayJoin(${TABLES}) AS table_name, status, if(status = 'running', 'stage', 'verify'), 1,
  1, 1, 40000, 40000, 500, 500, 900,
  500, 20, 180, 3, 290, 5, 2, 60000, 20000, begun_at, finished_at, '', 3
FROM ${BEGUN}`;

const RUN_STEPS = `INSERT INTO run_steps
SELECT run_id, tenant_id, table_name, 1, 1, step, 'succeeded', begun_at, begun_at + toIntervalMillisecond(200), '', 1
FROM (SELECT *, arrayJoin(${TABLES}) AS table_name FROM ${BEGUN}) ARRAY JOIN ${STEPS} AS step`;

const RUN_TASKS = `INSERT INTO run_tasks
SELECT run_id, tenant_id, table_name, 'LoadTable', 1, 1, 'succeeded', begun_at, begun_at + toIntervalSecond(1), '{}', '{}', '', '', 1
FROM ${BEGUN} ARRAY JOIN ${TABLES} AS table_name`;

const RUN_EVENTS = `INSERT INTO run_events
SELECT run_id, tenant_id, table_name, begun_at, sequence, 'info', 'batch_published', 'Batch 1: 500 rows read, 200 version rows published, ledger balances', ''
FROM (SELECT *, arrayJoin(${TABLES}) AS table_name FROM ${BEGUN}) ARRAY JOIN [1, 2, 3] AS sequence`;

const BATCHES = `INSERT INTO batches
SELECT run_id, tenant_id, table_name, 1, ifNull(finished_at, begun_at), 1.5, 1, 40000, 500, 20, 180, 3, 290, 5, 2, 1
FROM ${BEGUN} ARRAY JOIN ${TABLES} AS table_name
WHERE status IN ('succeeded', 'partial')`;

const OBJECTS = `INSERT INTO objects
SELECT tenant_id, table_name, concat(tenant_id, '/canonical/', table_name, '/', table_name, '-', formatDateTime(created_at, '%Y%m%dT%H%i%SZ'), '.parquet'),
  lower(hex(cityHash64(run_id, table_name))), 40000, created_at, created_at, NULL, 'done', run_id, 1, 500, 2, ifNull(finished_at, begun_at), '', 1
FROM ${BEGUN} ARRAY JOIN ${TABLES} AS table_name
WHERE status IN ('succeeded', 'partial')`;

const VALIDATION = `INSERT INTO validation_results
SELECT run_id, tenant_id, table_name, 1, check.1, check.2, 500, if(cityHash64(run_id, check) % 100 = 0, 2, 0) AS failed,
  if(failed = 0, [], [('tenant/canonical/tickets/tickets.parquet', 17, 'T-1', '12,50', 'is not a number'), ('tenant/canonical/tickets/tickets.parquet', 18, 'T-2', '7,5', 'is not a number')]),
  begun_at, 1
FROM (SELECT *, arrayJoin(${TABLES}) AS table_name FROM ${BEGUN}) ARRAY JOIN ${RULES} AS check`;

const STATES = `INSERT INTO table_states (tenant_id, table_name, newest_object_at, watermark, published_at, run_id, entities, versions, current,
  invariants_held, invariants_checked, invariants_broken, version)
SELECT tenant_id, table_name, max(stamp), max(stamp), max(finished_at), max(run_id), 20000, 60000, 19500, 6, 6, [], 1
FROM objects GROUP BY tenant_id, table_name`;

const LOOKS = `INSERT INTO schedule_checks (tenant_id, checked_at, cause, outcome, slot_at, run_id, waiting, oddities, error, version)
SELECT tenant_id, now64(3), 'schedule', 'nothing_new', now64(3), '', [], '', '', 1 FROM tenants`;

const PLANS = `INSERT INTO plans
SELECT tenant_id, run_id, 'tickets', if(rowNumberInAllBlocks() < 5, 'waiting', 'applied'), 'reload', [], [], '{}', '{}', '{"deletions": 120}', '',
  begun_at, begun_at + toIntervalDay(7), if(rowNumberInAllBlocks() < 5, '', 'apply'), 'marta', NULL, '', 1
FROM (SELECT * FROM ${BEGUN} WHERE cityHash64(run_id) % 200 = 0)`;

const AUDIT = `INSERT INTO audit
SELECT concat(${crockford(RUN_AT, 10)}, ${crockford("reinterpretAsUInt128(sipHash128(number, 1))", 16)}), fromUnixTimestamp64Milli(${RUN_AT}, 'UTC'),
  ['marta', 'jonas', 'cli:ops', 'ines'][1 + cityHash64(number) % 4], 'operator',
  ['run:start', 'dlq:replay', 'tenant:settings', 'sign-in', 'run:cancel'][1 + cityHash64(number, 2) % 5], ${tenantName("number % {tenants:UInt64}")},
  concat(${tenantName("number % {tenants:UInt64}")}, ' incremental'), if(cityHash64(number, 3) % 20 = 0, 'denied', 'done'), '', '{"mode":"incremental"}', toString(number)
FROM numbers({runs:UInt64})`;

/** Most failures are of a few causes, and of a few tenants. */
function deadLetters(which: string, state: "open" | "closed"): string {
  const closed = `if(cityHash64(number, 9) % 3 = 0, 'discarded', 'replayed')`;
  return `INSERT INTO dead_letters (dead_letter_id, tenant_id, table_name, kind, run_id, object_key, etag, source_row, entity_id, raw, errors,
  fingerprint, cause, first_seen, last_seen, attempts, status, resolved_by, resolved_at, resolution, version)
WITH
  toUInt64(pow((cityHash64(number, 2) % 10000) / 10000, 2) * {tenants:UInt64}) AS tenant_number,
  -- Four hundred causes, forty of them at a tenant.
  (tenant_number * 7 + toUInt64(pow((cityHash64(number, 1) % 10000) / 10000, 3) * 40)) % 400 AS cause_number,
  ${TABLES}[1 + cause_number % 4] AS failed_table,
  ['budget_hours', 'actual_hours', 'created_date', 'email', 'status'][1 + cause_number % 5] AS failed_field,
  toInt64(toUnixTimestamp64Milli(now64(3)) - (cityHash64(number, 3) % ${MONTH_MS})) AS seen_ms
SELECT lower(hex(sipHash128(number))), ${tenantName("tenant_number")}, failed_table, 'record',
  concat(${crockford("seen_ms", 10)}, '0123456789ABCDEF'),
  concat(${tenantName("tenant_number")}, '/canonical/', failed_table, '/', failed_table, '-', toString(number % 5000), '.ndjson.gz'),
  '', 1 + number % 5000, concat('T', toString(number)),
  concat('{"ticket_id":"T', toString(number), '","summary":"Printer on the second floor does not answer since the update","status":"New","budget_hours":"', toString(number % 100), ',50","company_id":"', toString(number % 3000), '","last_updated":"2026-11-01T00:00:00Z"}'),
  [(failed_field, 'numeric', concat('"', toString(number % 100), ',50" is not a number'), concat(toString(number % 100), ',50'))],
  lower(leftPad(hex(cityHash64(cause_number)), 16, '0')),
  concat(failed_field, ' is not a number ', toString(cause_number)),
  fromUnixTimestamp64Milli(seen_ms, 'UTC'), fromUnixTimestamp64Milli(seen_ms, 'UTC'), 1,
  ${state === "open" ? "'open', '', NULL, ''" : `${closed}, 'marta', now64(3), 'Mended at the source'`}, ${state === "open" ? "1" : "2"}
FROM numbers({deadLetters:UInt64})
WHERE ${which}`;
}

/** Three versions of each ticket, in four parts. */
const VERSIONS = `INSERT INTO tickets_scd (tenant_id, ticket_id, ticket_number, summary, status, effective_start_date, effective_end_date,
  is_current, record_hash, source_system, source_table, ingestion_timestamp, last_updated, run_id, source_object, source_row, is_deleted, row_version)
WITH intDiv(number, 3) AS entity, number % 3 AS nth,
  toDateTime64('2026-10-01 00:00:00', 3, 'UTC') + toIntervalSecond(cityHash64(entity) % 2000000) + toIntervalDay(nth) AS starts
SELECT '${SEEN_TENANT}', concat('T', leftPad(toString(entity), 9, '0')), toString(entity), concat('Printer ', toString(cityHash64(number) % 100000), ' does not answer'),
  ['New', 'In Progress', 'Closed'][1 + nth], starts, if(nth = 2, NULL, starts + toIntervalDay(1)), nth = 2, cityHash64(number),
  'servicenow', 'incident', starts, starts, 'bench', 'tickets.parquet', number, 0, 1
FROM numbers({versions:UInt64})
SETTINGS max_insert_block_size = 1000000`;
