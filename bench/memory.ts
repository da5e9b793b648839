import { ulid } from "ulid";

import type { RunContext } from "@/server/runs/run-context";
import { registerTenant } from "@/server/tenants/register-tenant";

import type { Bench, Benchmark } from "./benchmark";
import { bulkLoad, offboard } from "./loads";
import { statementMemory } from "./statement-memory";
import { landTickets } from "./tickets";

const MIB = 1024 ** 2;

/** The design document's limit. */
const LIMIT_MB = 512;

const SMALL_LOADS = 3;

/** A load of fewer rows does not fill its blocks, so what it takes still grows with it. */
const FULL_ROWS = 500_000;

/** Bulk loads of a million and of ten million tickets, every statement held to 512 MB. */
export const memory: Benchmark = {
  name: "memory",
  async run(bench) {
    // The most depends on when blocks meet: that of several small loads can be held against that of a large one.
    const small = await peakOf(bench, bench.rows, SMALL_LOADS);
    const large = await peakOf(bench, 10 * bench.rows, 1);
    return {
      "memory.bulkPeakMb1M": { value: small },
      "memory.bulkPeakMb10M": { value: large },
      "memory.growth": { value: bench.rows < FULL_ROWS ? null : large / small },
    };
  },
};

/** The most memory that one statement of some bulk loads takes, in MB. */
async function peakOf(
  { db, runs, store, say }: Bench,
  rows: number,
  loads: number,
): Promise<number> {
  const tenantId = `bench-${ulid().toLowerCase()}`;
  const rowsAnObject = Math.min(250_000, Math.ceil(rows / 4));
  await landTickets(db, store, { tenantId, rows, rowsAnObject, format: "parquet" });
  await registerTenant(db, { tenantId, createdBy: "bench" });
  const limited: RunContext = { ...runs, maxMemoryBytes: LIMIT_MB * MIB };
  const peaks = await statementMemory(async () => {
    for (let load = 0; load < loads; load++) await bulkLoad(limited, tenantId);
  });
  await offboard(db, store, tenantId);
  const [statement, bytes] = [...peaks].reduce((most, peak) => (peak[1] > most[1] ? peak : most));
  say(
    `memory: ${rows} tickets under ${LIMIT_MB} MB: most in ${statement}, ${(bytes / MIB).toFixed(0)} MB`,
  );
  return bytes / MIB;
}
