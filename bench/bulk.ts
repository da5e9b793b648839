import { ulid } from "ulid";

import { catalog } from "@/lib/catalog";
import type { Db } from "@/server/clickhouse/client";
import { registerTenant } from "@/server/tenants/register-tenant";

import type { Bench, Benchmark } from "./benchmark";
import { atRest } from "./large-tenant";
import { bulkLoad, offboard } from "./loads";
import {
  type Measured,
  type Spread,
  inTurns,
  peakMemoryMb,
  ratioOf,
  scaled,
  serverCpuMs,
  summarize,
  time,
} from "./measure";
import { landTickets } from "./tickets";

/** Bulk loads through the runner, of Parquet and of NDJSON, each beside a bare insert of the same objects. */
export const bulk: Benchmark = {
  name: "bulk",
  async run(bench) {
    bench.say(`bulk: ${bench.rows} tickets from Parquet`);
    const parquet = await compare(bench, "parquet");
    bench.say(`bulk: ${bench.rows} tickets from NDJSON.zst`);
    const ndjson = await compare(bench, "ndjson.zst");
    return {
      "bulk.ratioToBareInsert": parquet.ratio,
      "bulk.ratioToBareInsertNdjson": ndjson.ratio,
      "bulk.cpuRatioToBareInsert": parquet.cpuRatio,
      "bulk.bareSeconds": parquet.bareSeconds,
      "bulk.bulkSeconds": parquet.bulkSeconds,
      "bulk.recordsPerMinute": {
        value: Math.round((bench.rows / parquet.bulkSeconds.value) * 60),
      },
      "bulk.nodePeakMb": { value: parquet.nodePeakMb },
    };
  },
};

/**
 * A bulk load of made tickets through the runner, against a bare typed INSERT … SELECT of the same objects into a
 * plain MergeTree, in turns.
 */
async function compare(
  bench: Bench,
  format: "parquet" | "ndjson.zst",
): Promise<{
  ratio: Spread;
  cpuRatio: Spread;
  bareSeconds: Spread;
  bulkSeconds: Spread;
  nodePeakMb: number;
}> {
  const { db, runs, store, rows, rounds } = bench;
  const tenantId = `bench-${ulid().toLowerCase()}`;
  await landTickets(db, store, { tenantId, rows, rowsAnObject: Math.ceil(rows / 4), format });
  await registerTenant(db, { tenantId, createdBy: "bench" });

  const cpu = { bare: [] as number[], bulk: [] as number[] };
  const withCpu = async (into: number[], work: () => Promise<unknown>): Promise<number> => {
    // What the load before has left to be merged is not part of this one.
    await atRest(bench);
    const before = await serverCpuMs(db);
    const ms = await time(work);
    into.push((await serverCpuMs(db)) - before);
    return ms;
  };
  const bare = async (): Promise<number> => {
    await createBare(db);
    return withCpu(cpu.bare, () =>
      insertBare(db, `${store}/${tenantId}/canonical/tickets/*`, format),
    );
  };
  const load = (): Promise<number> => withCpu(cpu.bulk, () => bulkLoad(runs, tenantId));

  // One round unmeasured: the first reads find nothing in the page cache.
  await bare();
  await load();
  cpu.bare.length = 0;
  cpu.bulk.length = 0;
  let times: readonly Measured[] = [];
  const nodePeakMb = await peakMemoryMb(async () => {
    times = await inTurns(rounds, [bare, load]);
  });
  await db.command({ name: "bench.drop", sql: "DROP TABLE IF EXISTS bench_bare SYNC" });
  await offboard(db, store, tenantId);
  const [bareTime, bulkTime] = times;
  if (bareTime === undefined || bulkTime === undefined) throw new Error("nothing was measured");
  return {
    ratio: ratioOf(bulkTime, bareTime),
    cpuRatio: ratioOf(summarize(cpu.bulk), summarize(cpu.bare)),
    bareSeconds: scaled(bareTime, 1 / 1000),
    bulkSeconds: scaled(bulkTime, 1 / 1000),
    nodePeakMb,
  };
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
