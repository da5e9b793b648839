import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { ulid } from "ulid";
import { z } from "zod";

import { registerTenant } from "@/server/tenants/register-tenant";

import type { Bench } from "./benchmark";
import { bulkLoad, load } from "./loads";
import { time } from "./measure";
import { ticketColumns } from "./tickets";
import { until } from "./until";

/** A tenant whose tickets all have the same number of versions. */
export interface LargeTenant {
  readonly tenantId: string;
  readonly entities: number;
  readonly versionsEach: number;
}

/** Rows of one object of the bulk load. */
const ROWS_AN_OBJECT = 250_000;

/** The records of one increment: 10,000 where a million is a million. */
export function recordsAnIncrement(bench: Bench): number {
  return Math.max(2, Math.floor(bench.rows / 100));
}

/** Makes the tickets, loads them through the runner, and waits until the server is at rest. */
export async function makeLargeTenant(
  bench: Bench,
  entities: number,
  versionsEach: number,
): Promise<LargeTenant> {
  const tenant = { tenantId: `bench-${ulid().toLowerCase()}`, entities, versionsEach };
  const directory = await ticketsDirectory(bench, tenant);
  const rows = entities * versionsEach;
  bench.say(`making ${rows} versions of ${entities} tickets`);
  for (let start = 0, index = 0; start < rows; start += ROWS_AN_OBJECT, index++) {
    const count = Math.min(ROWS_AN_OBJECT, rows - start);
    await bench.db.command({
      name: "bench.land",
      params: { path: join(directory, `tickets-${stamp(2026, index)}-${index}.parquet`) },
      sql: `INSERT INTO FUNCTION file({path:String}, 'Parquet')
SELECT ${ticketColumns(entities)} FROM numbers(${start}, ${count})`,
    });
  }
  await registerTenant(bench.db, { tenantId: tenant.tenantId, createdBy: "bench" });
  bench.say(`loading them`);
  await bulkLoad(bench.runs, tenant.tenantId);
  return tenant;
}

/**
 * Lands the records of an increment: every second one is the current record of its ticket as it was delivered before, the
 * others are a new version each, from the time since the increment before it. The tickets are spread evenly over all, and are
 * others each time until all had their turn.
 *
 * @param round counted from 0
 * @returns the path of the object
 */
export async function landIncrement(
  bench: Bench,
  tenant: LargeTenant,
  round: number,
): Promise<string> {
  const { entities, versionsEach } = tenant;
  const records = recordsAnIncrement(bench);
  const step = Math.floor(entities / records);
  const path = join(
    await ticketsDirectory(bench, tenant),
    `tickets-${stamp(2027, round)}-${round}.parquet`,
  );
  const version = versionsEach - 1 + Math.floor(round / step);
  // The round in which a record came as a new version: its time is behind all that came in rounds before.
  const cameIn = `(intDiv(number, ${entities}) - ${versionsEach}) * ${step} + number % ${entities} % ${step}`;
  await bench.db.command({
    name: "bench.land",
    params: { path },
    sql: `INSERT INTO FUNCTION file({path:String}, 'Parquet')
SELECT * EXCEPT number REPLACE (if(number < ${versionsEach * entities}, last_updated,
  formatDateTime(parseDateTimeBestEffort(last_updated, 'UTC') + ${entities} * (${cameIn}), '%Y-%m-%dT%H:%i:%S.000Z')) AS last_updated)
FROM (
  SELECT number, ${ticketColumns(entities)}
  FROM (SELECT (${version} + number % 2) * ${entities} + number * ${step} + ${round % step} AS number FROM numbers(${records}))
)`,
  });
  return path;
}

/** Lands an increment and loads it through the runner; the landing is not measured. @returns milliseconds */
export async function timeIncrement(
  bench: Bench,
  tenant: LargeTenant,
  round: number,
): Promise<number> {
  await landIncrement(bench, tenant, round);
  return time(() => load(bench.runs, tenant.tenantId, "incremental"));
}

/** Waits until the server merges and mutates nothing any more. */
export async function atRest(bench: Bench): Promise<void> {
  await until(bench.signal, async () => {
    const { busy } = await bench.db.row(
      {
        name: "bench.at-rest",
        sql: `SELECT (SELECT count() FROM system.merges) + (SELECT count() FROM system.mutations WHERE NOT is_done) AS busy`,
      },
      z.object({ busy: z.coerce.number() }),
    );
    return busy === 0;
  });
}

async function ticketsDirectory({ store }: Bench, { tenantId }: LargeTenant): Promise<string> {
  const directory = join(store, tenantId, "canonical", "tickets");
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Object stamps in order: an hour apart from the year's start. */
function stamp(year: number, index: number): string {
  const at = new Date(Date.UTC(year, 0, 1) + index * 3_600_000).toISOString();
  return at.replace(/[-:]/g, "").replace(/\.\d+Z$/, "Z");
}
