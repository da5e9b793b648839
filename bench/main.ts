import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

import { LocalStore } from "@/server/canonical/local-store";
import { openForVerb } from "@/server/cli/open-for-verb";
import { type CliContext, UsageError } from "@/server/cli/verb";
import { closeDb } from "@/server/clickhouse/client";
import { overrideEnv } from "@/server/env";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";

import { type BulkResult, benchBulk } from "./bulk";

interface Flags {
  json?: boolean;
  rows?: string;
  rounds?: string;
  only?: string;
}

/** Runs the benchmarks in a data directory of their own and prints a table, or with --json one object. */
export async function main(context: CliContext): Promise<number> {
  const flags = context.flags as Flags;
  const rows = positive(flags.rows, "rows", 1_000_000);
  const rounds = positive(flags.rounds, "rounds", 5);
  const names = ["bulk", "bulkNdjson"];
  if (flags.only !== undefined && !names.includes(flags.only)) {
    throw new UsageError(
      `There is no benchmark "${flags.only}". There are ${names.join(", ")}.`,
      "bench",
    );
  }
  const wants = (name: string): boolean => flags.only === undefined || flags.only === name;

  const directory = await mkdtemp(join(tmpdir(), "avesa-bench-"));
  const store = join(directory, "canonical");
  overrideEnv({ DATA_DIR: directory, CANONICAL_STORE: store });
  try {
    const db = await openForVerb(context, "avesa bench");
    const runs = runContext(db, new LocalStore(store));
    const result: Record<string, unknown> = { machine: machine(), rows, rounds };
    if (wants("bulk")) {
      context.say(`bulk: ${rows} tickets from Parquet`);
      result["bulk"] = await benchBulk(runs, store, { rows, rounds, format: "parquet" });
    }
    if (wants("bulkNdjson")) {
      context.say(`bulkNdjson: ${rows} tickets from NDJSON.zst`);
      result["bulkNdjson"] = await benchBulk(runs, store, { rows, rounds, format: "ndjson.zst" });
    }
    if (flags.json === true) {
      context.print(JSON.stringify(result));
    } else {
      context.print(`machine: ${machine()}`);
      for (const name of names) {
        const bulk = result[name] as BulkResult | undefined;
        if (bulk === undefined) continue;
        context.print(
          [
            `${name}, ${rows} rows, median of ${rounds}`,
            `  bulk load over bare insert   ${bulk.ratioToBareInsert.toFixed(2)} (goal: at most 2.0)`,
            `  the same in CPU time         ${bulk.cpuRatioToBareInsert.toFixed(2)}`,
            `  bare insert, bulk load       ${bulk.bareSeconds.toFixed(2)} s, ${bulk.bulkSeconds.toFixed(2)} s (${bulk.spread})`,
            `  records per minute           ${bulk.recordsPerMinute}`,
            `  memory of this process       ${bulk.nodePeakMb.toFixed(0)} MB (goal: below 400)`,
          ].join("\n"),
        );
      }
    }
    return 0;
  } finally {
    stopHeartbeat();
    await closeDb();
    await rm(directory, { recursive: true, force: true });
  }
}

function machine(): string {
  const models = cpus();
  return `${models.length} × ${models[0]?.model ?? "unknown CPU"}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;
}

function positive(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`--${flag} must be a whole number above 0.`, "bench");
  }
  return value;
}
