import "server-only";
import { cancelRunContract } from "@/lib/contracts/run-commands";
import { RunId } from "@/lib/contracts/values";
import { AppError } from "@/server/errors";
import { cancelRun } from "@/server/runs/cancel-run";
import { findRun } from "@/server/runs/run-store";
import { tenantOperation } from "../operation";

/** Asks a run to stop. A run of a tenant one cannot see and a run that does not exist look the same. */
export const cancelRunOperation = tenantOperation({
  action: "run:cancel",
  permission: "run:cancel",
  input: cancelRunContract.input,
  tenantOf: async (db, raw) => {
    const wanted = RunId.safeParse(raw["runId"]);
    return wanted.success ? (await findRun(db, wanted.data))?.tenant_id : undefined;
  },
  missing: "There is no such run, or you cannot see it.",
  target: (raw) => raw["runId"],
  perform: async ({ db, actor }, { runId }) => {
    const run = await findRun(db, runId);
    if (run?.finished_at !== null) throw new AppError("conflict", "This run has ended already.");
    await cancelRun(db, { runId, requestedBy: actor.username });
    return { runId };
  },
  record: ({ runId }) => ({ target: runId }),
});
