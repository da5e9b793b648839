import { ulid } from "ulid";

import { catalog } from "@/lib/catalog";
import type { Db } from "@/server/clickhouse/client";
import { executeRun } from "@/server/runs/execute-run";
import type { RunContext } from "@/server/runs/run-context";
import { startRun } from "@/server/runs/start-run";
import { registerTenant } from "@/server/tenants/register-tenant";

import { inTurns, peakMemoryMb, serverCpuMs, time } from "./measure";
import { landTickets } from "./tickets";

export interface BulkResult {
  /** Wall time of the bulk load over that of the bare insert. */
  readonly ratioToBareInsert: number;
  /** The same of the server's CPU time. */
  readonly cpuRatioToBareInsert: number;
  readonly bareSeconds: number;
  readonly bulkSeconds: number;
  readonly spread: string;
  readonly recordsPerMinute: number;
  /** Resident memory of this process, which does what a run's process does. */
  readonly nodePeakMb: number;
}

/**
 * A bulk load of made tickets through the runner, against a bare typed INSERT … SELECT of the same objects into a
 * plain MergeTree, in turns.
 */
export async function benchBulk(
  context: RunContext,
  store: string,
  options: {
    readonly rows: number;
    readonly rounds: number;
    readonly format: "parquet" | "ndjson.zst";
  },
): Promise<BulkResult> {
  const { db } = context;
  const tenantId = `bench-${ulid().toLowerCase()}`;
  await landTickets(db, store, {
    tenantId,
    rows: options.rows,
    rowsAnObject: Math.ceil(options.rows / 4),
    format: options.format,
  });
  await registerTenant(db, { tenantId, createdBy: "bench" });

  const cpu = { bare: [] as number[], bulk: [] as number[] };
  const withCpu = async (into: number[], work: () => Promise<unknown>): Promise<number> => {
    const before = await serverCpuMs(db);
    const ms = await time(work);
    into.push((await serverCpuMs(db)) - before);
    return ms;
  };
  const bare = async (): Promise<number> => {
    await createBare(db);
    return withCpu(cpu.bare, () =>
      insertBare(db, `${store}/${tenantId}/canonical/tickets/*`, options.format),
    );
  };
  const bulk = async (): Promise<number> =>
    withCpu(cpu.bulk, async () => {
      const { runId } = await startRun(db, {
        tenantId,
        mode: "bulk",
        tables: ["tickets"],
        trigger: "cli",
        requestedBy: "bench",
        // Every round but the first is a reload, which would stop for approval.
        planRule: "never",
      });
      const end = await executeRun(context, runId);
      if (!("status" in end) || end.status !== "succeeded") {
        throw new Error(`the bulk load ended ${JSON.stringify(end)}`);
      }
    });

  // One round unmeasured: the first reads find nothing in the page cache.
  await bare();
  await bulk();
  cpu.bare.length = 0;
  cpu.bulk.length = 0;
  let times: Awaited<ReturnType<typeof inTurns>> = [];
  const nodePeakMb = await peakMemoryMb(async () => {
    times = await inTurns(options.rounds, [bare, bulk]);
  });
  await db.command({ name: "bench.drop", sql: "DROP TABLE IF EXISTS bench_bare SYNC" });
  const [bareTime, bulkTime] = times;
  if (bareTime === undefined || bulkTime === undefined) throw new Error("nothing was measured");
  const middle = (values: number[]): number =>
    values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  return {
    ratioToBareInsert: bulkTime.median / bareTime.median,
    cpuRatioToBareInsert: middle(cpu.bulk) / middle(cpu.bare),
    bareSeconds: bareTime.median / 1000,
    bulkSeconds: bulkTime.median / 1000,
    spread: `bare ${seconds(bareTime.least)}–${seconds(bareTime.most)} s, bulk ${seconds(bulkTime.least)}–${seconds(bulkTime.most)} s`,
    recordsPerMinute: Math.round((options.rows / bulkTime.median) * 60_000),
    nodePeakMb,
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

const TYPE = {
  text: "String",
  decimal: "Decimal64(2)",
  integer: "UInt32",
  datetime: "DateTime64(3, 'UTC')",
} as const;

/** A plain MergeTree of typed tickets, sorted as the history is. */
async function createBare(db: Db): Promise<void> {
  const { tickets } = catalog;
  if (tickets === undefined) throw new Error("there are no tickets in the catalogue");
  const columns = tickets.columns.map(({ name, type }) => `${name} Nullable(${TYPE[type]})`);
  await db.command({
    name: "bench.bare.create",
    sql: `CREATE OR REPLACE TABLE bench_bare (
  tenant_id String, ticket_id String, ${columns.join(", ")},
  source_system String, source_table String, last_updated DateTime64(3, 'UTC')
) ENGINE = MergeTree ORDER BY (tenant_id, ticket_id, last_updated)`,
  });
}

async function insertBare(db: Db, path: string, format: "parquet" | "ndjson.zst"): Promise<void> {
  const { tickets } = catalog;
  if (tickets === undefined) throw new Error("there are no tickets in the catalogue");
  const structure = [
    "ticket_id String",
    ...tickets.columns.map(({ name, type }) =>
      type === "decimal" ? `${name} Nullable(Float64)` : `${name} Nullable(String)`,
    ),
    "source_system String",
    "source_table String",
    "last_updated String",
  ].join(", ");
  const typed = tickets.columns.map(({ name, type }) =>
    type === "datetime"
      ? `parseDateTime64BestEffortOrNull(${name}, 3, 'UTC')`
      : type === "decimal"
        ? `toDecimal64OrNull(toString(${name}), 2)`
        : name,
  );
  await db.command({
    name: "bench.bare.insert",
    params: { path },
    sql: `INSERT INTO bench_bare
SELECT 'bench', ticket_id, ${typed.join(", ")}, source_system, source_table, parseDateTime64BestEffort(last_updated, 3, 'UTC')
FROM file({path:String}, '${format === "parquet" ? "Parquet" : "JSONEachRow"}', '${structure}')`,
  });
}
