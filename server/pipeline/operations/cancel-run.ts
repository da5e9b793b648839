import "server-only";
import { z } from "zod";
import { cancelRunContract } from "@/lib/contracts/run-commands";
import { RunId } from "@/lib/contracts/values";
import type { Db } from "@/server/clickhouse/client";
import { cancelRun } from "@/server/runs/cancel-run";
import { tenantOperation } from "../operation";

async function tenantOfRun(db: Db, runId: unknown): Promise<string | undefined> {
  const wanted = RunId.safeParse(runId);
  if (!wanted.success) return undefined;
  const run = await db.maybeRow(
    {
      name: "run.tenant",
      sql: "SELECT tenant_id FROM runs FINAL WHERE run_id = {runId:String}",
      params: { runId: wanted.data },
    },
    z.object({ tenant_id: z.string() }),
  );
  return run?.tenant_id;
}

/** Asks a run to stop. A run of a tenant one cannot see and a run that does not exist look the same. */
export const cancelRunOperation = tenantOperation({
  action: "run:cancel",
  permission: "run:cancel",
  input: cancelRunContract.input,
  tenantOf: (db, raw) => tenantOfRun(db, raw["runId"]),
  target: (raw) => raw["runId"],
  perform: async ({ db, actor }, { runId }) => {
    await cancelRun(db, { runId, requestedBy: actor.username });
    return { runId };
  },
  record: ({ runId }) => ({ target: runId }),
});
