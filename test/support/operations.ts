import type { Db } from "@/server/clickhouse/client";

/** Rows of the operational tables with everything that a test does not name filled in. Times are ISO in UTC. */
type Fields = Readonly<Record<string, unknown>>;

let version = 0;

/** A moment before now, ISO in UTC. */
export function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}

function next(): number {
  version += 1;
  return Date.now() * 1000 + version;
}

/** Registers tenants. */
export async function putTenants(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "tenants",
    rows.map((row) => ({
      name: row["tenant_id"],
      source_system: "servicenow",
      time_zone: "Europe/Stockholm",
      freshness_target_minutes: 30,
      reject_threshold_percent: 10,
      reject_minimum_rows: 100,
      created_at: ago(86_400),
      created_by: "test",
      ...row,
      version: next(),
    })),
  );
}

/** Puts runs as they stand. */
export async function putRuns(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "runs",
    rows.map((row) => ({
      mode: "incremental",
      tables: ["tickets"],
      status: "succeeded",
      trigger: "test",
      requested_by: "someone",
      created_at: ago(120),
      started_at: ago(110),
      finished_at: ago(100),
      cancel_requested_by: "",
      worker: "host:1",
      heartbeat_at: ago(0),
      error: "",
      ...row,
      version: next(),
    })),
  );
}

/** Puts tables of runs. */
export async function putRunTables(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "run_tables",
    rows.map((row) => ({
      table_name: "tickets",
      status: "succeeded",
      step: "",
      attempt: 1,
      objects_total: 1,
      objects_done: 1,
      bytes_total: 1000,
      bytes_done: 1000,
      rows_total: 10,
      rows_done: 10,
      rows_per_second: 5,
      read: 0,
      new: 0,
      changed: 0,
      deleted: 0,
      unchanged: 0,
      duplicate: 0,
      rejected: 0,
      versions: 0,
      current: 0,
      started_at: ago(110),
      finished_at: ago(100),
      error: "",
      ...row,
      version: next(),
    })),
  );
}

/** Puts what is true of tenants' tables. */
export async function putStates(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "table_states",
    rows.map((row) => ({
      table_name: "tickets",
      newest_object_at: ago(60),
      watermark: ago(60),
      published_at: ago(50),
      run_id: "",
      entities: 5,
      versions: 12,
      current: 4,
      invariants_held: 6,
      invariants_checked: 6,
      invariants_broken: [],
      ...row,
      version: next(),
    })),
  );
}

/** Puts published batches. */
export async function putBatches(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "batches",
    rows.map((row) => ({
      table_name: "tickets",
      batch: 1,
      published_at: ago(100),
      seconds: 10,
      objects: 1,
      bytes: 1000,
      read: 0,
      new: 0,
      changed: 0,
      deleted: 0,
      unchanged: 0,
      duplicate: 0,
      rejected: 0,
      ...row,
      version: next(),
    })),
  );
}

/** Puts objects of the ledger. */
export async function putObjects(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "objects",
    rows.map((row) => ({
      table_name: "tickets",
      etag: "etag-1",
      bytes: 1000,
      last_modified: ago(100),
      stamp: ago(200),
      extract_at: null,
      status: "done",
      run_id: "",
      read: 10,
      rejected: 0,
      finished_at: ago(100),
      error: "",
      ...row,
      version: next(),
    })),
  );
}

/** Puts events of runs; `sequence` rises with each. */
export async function putEvents(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "run_events",
    rows.map((row) => ({
      table_name: "",
      at: ago(0),
      level: "info",
      event: "noted",
      message: "",
      detail: "",
      ...row,
      sequence: next(),
    })),
  );
}

/** Puts steps of runs. */
export async function putSteps(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "run_steps",
    rows.map((row) => ({
      table_name: "tickets",
      attempt: 1,
      batch: 1,
      status: "succeeded",
      started_at: ago(110),
      finished_at: ago(105),
      error: "",
      ...row,
      version: next(),
    })),
  );
}

/** Puts validation results. */
export async function putValidation(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "validation_results",
    rows.map((row) => ({
      table_name: "tickets",
      batch: 1,
      field: "",
      checked: 10,
      failed: 0,
      samples: [],
      at: ago(100),
      ...row,
      version: next(),
    })),
  );
}

/** Puts dead letters. */
export async function putDeadLetters(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "dead_letters",
    rows.map((row) => ({
      table_name: "tickets",
      kind: "record",
      run_id: "",
      object_key: "k",
      etag: "",
      source_row: 1,
      entity_id: "1",
      raw: "{}",
      errors: [],
      fingerprint: "f",
      cause: "something is wrong",
      first_seen: ago(100),
      last_seen: ago(100),
      attempts: 1,
      status: "open",
      resolved_by: "",
      resolved_at: null,
      resolution: "",
      ...row,
      version: next(),
    })),
  );
}

/** Puts versions of tickets as the engine writes them. */
export async function putTickets(db: Db, rows: readonly Fields[]): Promise<void> {
  await db.insert(
    "tickets_scd",
    rows.map((row, index) => ({
      status: "open",
      effective_end_date: null,
      is_current: row["effective_end_date"] === undefined || row["effective_end_date"] === null,
      record_hash: String(index + 1),
      source_system: "servicenow",
      source_table: "incident",
      ingestion_timestamp: ago(100),
      last_updated: row["effective_start_date"],
      run_id: "",
      source_object: "k",
      source_row: index + 1,
      is_deleted: 0,
      ...row,
      row_version: next(),
    })),
    {
      columns: [
        ...new Set(
          rows
            .flatMap((row) => Object.keys(row))
            .concat([
              "status",
              "effective_end_date",
              "is_current",
              "record_hash",
              "source_system",
              "source_table",
              "ingestion_timestamp",
              "last_updated",
              "run_id",
              "source_object",
              "source_row",
              "is_deleted",
              "row_version",
            ]),
        ),
      ],
    },
  );
}
