import "server-only";
import { redriveRunContract, runExecutionContract } from "@/lib/contracts/run-execution";
import { RunId } from "@/lib/contracts/values";
import type { Db } from "@/server/clickhouse/client";
import { readExecution } from "@/server/orchestrators/read-execution";
import { redriveRun } from "@/server/orchestrators/redrive-run";
import { findRun } from "@/server/runs/run-store";
import { type Raw, tenantOperation } from "../operation";

const OF_RUN = {
  tenantOf: async (db: Db, raw: Raw): Promise<string | undefined> => {
    const wanted = RunId.safeParse(raw["runId"]);
    return wanted.success ? (await findRun(db, wanted.data))?.tenant_id : undefined;
  },
  missing: "There is no such run, or you cannot see it.",
};

export const readExecutionOperation = tenantOperation({
  ...OF_RUN,
  permission: "run:read",
  input: runExecutionContract.input,
  perform: ({ db, scope }, { runId }) => readExecution(db, scope, runId),
});

/** Lets the dead execution of a run go on. */
export const redriveRunOperation = tenantOperation({
  ...OF_RUN,
  action: "run:redrive",
  permission: "run:redrive",
  input: redriveRunContract.input,
  target: (raw) => raw["runId"],
  perform: async ({ db, actor }, { runId }) => {
    await redriveRun(db, { runId, requestedBy: actor.username });
    return { runId };
  },
  record: ({ runId }) => ({ target: runId }),
});
