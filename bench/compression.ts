import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { ulid } from "ulid";
import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { env } from "@/server/env";
import { RECOMPRESSION } from "@/server/scd2/staging-shape";
import { registerTenant } from "@/server/tenants/register-tenant";

import type { Benchmark } from "./benchmark";
import { bulkLoad, offboard } from "./loads";

const REAL_TICKETS = "../shared/data/servicenow/northwind-it";
const TABLES = ["tickets_scd", "tickets_log"] as const;
const RULES = { tickets_scd: RECOMPRESSION.history, tickets_log: RECOMPRESSION.log } as const;
const WAIT_MS = 120_000;

/**
 * How much smaller real tickets are on disk than in memory: as a bulk load leaves them, and after ClickHouse has compressed
 * them anew, which it does by itself an hour later and here at once.
 */
export const compression: Benchmark = {
  name: "compression",
  async run({ db, runs, store, say }) {
    const data = join(env().AVESA_ROOT, REAL_TICKETS);
    if (!existsSync(data)) {
      say("compression: there are no real tickets here");
      return {
        "compression.realTickets": { value: null },
        "compression.realTicketsAsLoaded": { value: null },
        "compression.realTicketsLog": { value: null },
      };
    }
    say("compression: real tickets");
    const tenantId = `bench-${ulid().toLowerCase()}`;
    await cp(data, join(store, tenantId), { recursive: true });
    await registerTenant(db, { tenantId, createdBy: "bench" });
    await bulkLoad(runs, tenantId);
    const asLoaded = await savedBy(db, "tickets_scd", tenantId);
    await recompress(db, tenantId);
    const [history, log] = await Promise.all(TABLES.map((table) => savedBy(db, table, tenantId)));
    await offboard(db, store, tenantId);
    return {
      "compression.realTickets": { value: history ?? null },
      "compression.realTicketsAsLoaded": { value: asLoaded },
      "compression.realTicketsLog": { value: log ?? null },
    };
  },
};

/** 1 − compressed / uncompressed of a tenant's rows. */
async function savedBy(db: Db, table: string, tenantId: string): Promise<number> {
  const { saved } = await db.row(
    {
      name: "bench.compression",
      params: { table, tenant_id: tenantId },
      sql: `SELECT 1 - sum(data_compressed_bytes) / sum(data_uncompressed_bytes) AS saved FROM system.parts
WHERE database = currentDatabase() AND table = {table:String} AND partition = {tenant_id:String} AND active`,
    },
    z.object({ saved: z.number() }),
  );
  return saved;
}

/**
 * Brings the tables' own rule forward to now, and waits until ClickHouse has followed it.
 *
 * @throws where that takes longer than two minutes
 */
async function recompress(db: Db, tenantId: string): Promise<void> {
  for (const table of TABLES) {
    const now = RULES[table].replace("INTERVAL 1 HOUR", "INTERVAL 0 SECOND");
    await db.command({
      name: "bench.recompress",
      settings: { mutations_sync: "2" },
      sql: `ALTER TABLE ${table} MODIFY ${now}`,
    });
  }
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const { waiting } = await db.row(
      {
        name: "bench.recompress.look",
        params: { tables: TABLES, tenant_id: tenantId },
        sql: `SELECT count() AS waiting FROM system.parts
WHERE database = currentDatabase() AND table IN {tables:Array(String)} AND partition = {tenant_id:String} AND active
  AND NOT startsWith(default_compression_codec, 'ZSTD')`,
      },
      z.object({ waiting: zCount }),
    );
    if (waiting === 0) return;
    if (Date.now() > deadline) throw new Error("ClickHouse did not compress the parts anew");
    await delay(200);
  }
}
