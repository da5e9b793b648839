import "server-only";
import type { Db } from "@/server/clickhouse/client";
import { EnvError, env } from "@/server/env";
import type { Run } from "@/server/runs/run-store";

import { localOrchestrator } from "./local-orchestrator";
import type { Orchestrator } from "./orchestrator";
import { stepFunctionsOrchestrator } from "./stepfunctions-orchestrator";

/**
 * The orchestrator that new runs go to.
 *
 * @throws EnvError where ORCHESTRATOR is stepfunctions and no state machine is named
 */
export function openOrchestrator(db: Db): Orchestrator {
  const { ORCHESTRATOR: name, STATE_MACHINE_ARN: arn } = env();
  if (name === "local") return localOrchestrator(db);
  if (arn !== undefined) return stepFunctionsOrchestrator(arn);
  throw new EnvError(["STATE_MACHINE_ARN: is needed where ORCHESTRATOR is stepfunctions"]);
}

/** The orchestrator that carries a run out, whichever new ones go to: the run's own address says which state machine. */
export function orchestratorOf(db: Db, run: Run): Orchestrator {
  if (run.orchestrator === "local") return localOrchestrator(db);
  const [address = ""] = run.execution_arn.split(`:${run.run_id}`);
  return stepFunctionsOrchestrator(address.replace(":execution:", ":stateMachine:"));
}
