import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Db } from "@/server/clickhouse/client";

/** What made tickets look like: several states of each, ids spread evenly, text that does not compress to nothing. */
export interface TicketObjects {
  readonly tenantId: string;
  readonly rows: number;
  /** Rows of one object. */
  readonly rowsAnObject: number;
  readonly format: "parquet" | "ndjson.zst";
}

const WORDS = [
  "printer", "outlook", "password", "vpn", "laptop", "server", "backup", "license", "monitor", "network",
  "mailbox", "calendar", "teams", "router", "switch", "update", "restart", "error", "access", "folder",
  "scanner", "phone", "headset", "docking", "station", "domain", "account", "locked", "slow", "crash",
  "invoice", "export", "report", "database", "certificate", "expired", "wireless", "guest", "badge", "reader",
]; // prettier-ignore

/** Words chosen by the row's number, the same for every run: `count` of them, joined by blanks. */
function text(salt: string, count: number): string {
  const words = WORDS.map((word) => `'${word}'`).join(", ");
  return `arrayStringConcat(arrayMap(i -> [${words}][1 + cityHash64(number, i, '${salt}') % ${WORDS.length}], range(${count})), ' ')`;
}

/**
 * The columns of a made ticket as the upstream pipeline writes them (../shared/data/servicenow): times as ISO text,
 * hours as doubles. About 600 bytes as JSON.
 *
 * @param entities how many tickets the rows are states of
 */
export function ticketColumns(entities: number): string {
  return `concat('T', leftPad(toString(cityHash64(number % ${entities}) % 1000000000), 9, '0'), '-', toString(number % ${entities})) AS ticket_id,
  concat('N', toString(number % ${entities})) AS ticket_number,
  ${text("summary", 6)} AS summary,
  ${text("description", 34)} AS description,
  ['New', 'Assigned', 'In Progress', 'Waiting', 'Resolved', 'Closed'][1 + intDiv(number, ${entities}) % 6] AS status,
  ['P1', 'P2', 'P3', 'P4'][1 + cityHash64(number, 1) % 4] AS priority,
  toString(1 + cityHash64(number, 2) % 3) AS severity,
  toString(cityHash64(number, 3) % 3000) AS company_id,
  concat('Company ', company_id) AS company_name,
  toString(cityHash64(number, 4) % 20000) AS contact_id,
  concat('Contact ', contact_id) AS contact_name,
  toString(cityHash64(number, 5) % 200) AS owner_id,
  concat('Owner ', owner_id) AS owner_name,
  formatDateTime(toDateTime('2024-01-01 00:00:00', 'UTC') + number % ${entities}, '%Y-%m-%dT%H:%i:%S.000Z') AS created_date,
  if(status = 'Closed', formatDateTime(toDateTime('2025-01-01 00:00:00', 'UTC') + number % ${entities}, '%Y-%m-%dT%H:%i:%S.000Z'), NULL) AS closed_date,
  (cityHash64(number, 6) % 400) / 4 AS budget_hours,
  (cityHash64(number, 7) % 300) / 4 AS actual_hours,
  'servicenow' AS source_system,
  'incident' AS source_table,
  formatDateTime(toDateTime('2024-06-01 00:00:00', 'UTC') + number, '%Y-%m-%dT%H:%i:%S.000Z') AS last_updated`;
}

/** Writes the objects into a local store, by ClickHouse itself. */
export async function landTickets(db: Db, store: string, objects: TicketObjects): Promise<void> {
  const directory = join(store, objects.tenantId, "canonical", "tickets");
  await mkdir(directory, { recursive: true });
  const format = objects.format === "parquet" ? "Parquet" : "JSONEachRow";
  const entities = Math.max(1, Math.floor(objects.rows / 3));
  for (let start = 0, index = 0; start < objects.rows; start += objects.rowsAnObject, index++) {
    const rows = Math.min(objects.rowsAnObject, objects.rows - start);
    const stamp = `2026010${1 + Math.floor(index / 24)}T${String(index % 24).padStart(2, "0")}0000Z`;
    await db.command({
      name: "bench.land",
      params: { path: join(directory, `tickets-${stamp}-${index}.${objects.format}`) },
      sql: `INSERT INTO FUNCTION file({path:String}, '${format}')
SELECT ${ticketColumns(entities)} FROM numbers(${start}, ${rows})`,
    });
  }
}
