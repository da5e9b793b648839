import "server-only";
import { applyRunContract, rejectRunContract } from "@/lib/contracts/plans";
import { RunId } from "@/lib/contracts/values";
import { openCanonicalStore } from "@/server/canonical/open-store";
import type { Db } from "@/server/clickhouse/client";
import { type Decision, decidePlans } from "@/server/plans/decide-plans";
import { runContext } from "@/server/runs/run-context";
import { findRun } from "@/server/runs/run-store";
import { type Raw, tenantOperation } from "../operation";

const COMMON = {
  permission: "run:approve",
  tenantOf: async (db: Db, raw: Raw) => {
    const wanted = RunId.safeParse(raw["runId"]);
    return wanted.success ? (await findRun(db, wanted.data))?.tenant_id : undefined;
  },
  missing: "There is no such run, or you cannot see it.",
  target: (raw: Raw) => raw["runId"],
} as const;

async function decide(db: Db, decision: Decision): Promise<{ runId: string }> {
  await decidePlans(runContext(db, openCanonicalStore()), decision);
  return { runId: decision.runId };
}

/** Applies the plan of a run: it goes back into the queue, and whoever picks it up publishes what was staged. */
export const applyRunOperation = tenantOperation({
  ...COMMON,
  action: "run:apply",
  input: applyRunContract.input,
  perform: ({ db, actor }, { runId }) =>
    decide(db, { runId, decision: "apply", by: actor.username, reason: "" }),
  record: ({ runId }) => ({ target: runId }),
});

/** Rejects the plan of a run, with a reason. */
export const rejectRunOperation = tenantOperation({
  ...COMMON,
  action: "run:reject",
  input: rejectRunContract.input,
  perform: ({ db, actor }, { runId, reason }) =>
    decide(db, { runId, decision: "reject", by: actor.username, reason }),
  record: ({ runId, reason }) => ({ target: runId, after: { reason } }),
});
