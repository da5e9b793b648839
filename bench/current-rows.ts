import { tickets } from "@/lib/catalog/tickets";
import type { Db } from "@/server/clickhouse/client";

import type { Bench } from "./benchmark";
import type { Readings } from "./figures";
import type { LargeTenant } from "./large-tenant";
import { inTurns, percentile, ratioOf, time } from "./measure";

const PLAIN = "bench_current";
/** Reads a round. */
const READS = 8;

/** Hours and tickets by status, on the tenant as it is. */
export async function measureCurrent(
  bench: Bench,
  { tenantId }: Pick<LargeTenant, "tenantId">,
): Promise<Readings> {
  const { db } = bench;
  await fillPlain(db, tenantId);
  // As an application would, by the account that only reads.
  const reader = db.asReader();
  const read = (from: string) => async (): Promise<number> =>
    time(() =>
      reader.command({
        name: "bench.current",
        params: { tenant_id: tenantId },
        sql: `SELECT status, count(), sum(actual_hours), sum(budget_hours)
FROM ${from} GROUP BY status ORDER BY status FORMAT JSON`,
      }),
    );
  const view = read(`${tickets.name}_current_of_tenant(tenant_id = {tenant_id:String})`);
  const plain = read(`(SELECT * FROM ${PLAIN} WHERE tenant_id = {tenant_id:String})`);
  await view();
  await plain();
  const [ours, bare] = await inTurns(bench.rounds * READS, [view, plain]);
  await reader.close();
  await db.command({ name: "bench.current.drop", sql: `DROP TABLE IF EXISTS ${PLAIN} SYNC` });
  if (ours === undefined || bare === undefined) throw new Error("nothing was measured");
  return {
    "current.p95MsAt10M": {
      value: percentile(ours.times, 0.95),
      least: ours.least,
      most: ours.most,
    },
    "current.ratioToPlainScan": ratioOf(ours, bare),
  };
}

/** The current rows alone in a table, sorted and merged. */
async function fillPlain(db: Db, tenantId: string): Promise<void> {
  const kept = [
    "tenant_id",
    tickets.idColumn,
    ...tickets.columns.map(({ name }) => name),
    "last_updated",
  ];
  await db.command({
    name: "bench.current.create",
    params: { tenant_id: tenantId },
    sql: `CREATE OR REPLACE TABLE ${PLAIN} ENGINE = MergeTree ORDER BY (tenant_id, ${tickets.idColumn}) AS
SELECT ${kept.join(", ")} FROM ${tickets.name}_current_of_tenant(tenant_id = {tenant_id:String})`,
  });
  await db.command({ name: "bench.current.merge", sql: `OPTIMIZE TABLE ${PLAIN} FINAL` });
}
