import "server-only";
import { runPlanContract } from "@/lib/contracts/plans";
import {
  runContract,
  runEventsContract,
  runsContract,
  runsInFlightContract,
  runValidationContract,
} from "@/lib/contracts/runs";
import { RunId } from "@/lib/contracts/values";
import { readRun, tenantOfRun } from "@/server/analytics/run-detail";
import { readRunEvents } from "@/server/analytics/run-events";
import { readRunPlan } from "@/server/analytics/run-plan";
import { readRuns } from "@/server/analytics/run-list";
import { readRunsInFlight } from "@/server/analytics/runs-in-flight";
import { readRunValidation } from "@/server/analytics/validation";
import { fleetOperation, type Raw, tenantOperation } from "../operation";

async function ownerOf(raw: Raw): Promise<string | undefined> {
  const wanted = RunId.safeParse(raw["runId"]);
  return wanted.success ? tenantOfRun(wanted.data) : undefined;
}

export const readRunsOperation = fleetOperation({
  permission: "run:read",
  input: runsContract.input,
  perform: (_, { tenant, ...input }) => readRuns({ ...input, tenants: tenant }),
});

export const readRunsInFlightOperation = fleetOperation({
  permission: "run:read",
  input: runsInFlightContract.input,
  perform: () => readRunsInFlight(),
});

export const readRunOperation = tenantOperation({
  permission: "run:read",
  input: runContract.input,
  tenantOf: (_, raw) => ownerOf(raw),
  perform: ({ scope }, { runId }) => readRun(scope, runId),
});

export const readRunEventsOperation = tenantOperation({
  permission: "run:read",
  input: runEventsContract.input,
  tenantOf: (_, raw) => ownerOf(raw),
  perform: ({ scope }, { table, ...input }) => readRunEvents(scope, { ...input, tableName: table }),
});

export const readRunValidationOperation = tenantOperation({
  permission: "run:read",
  input: runValidationContract.input,
  tenantOf: (_, raw) => ownerOf(raw),
  perform: ({ scope }, { runId }) => readRunValidation(scope, runId),
});

export const readRunPlanOperation = tenantOperation({
  permission: "run:read",
  input: runPlanContract.input,
  tenantOf: (_, raw) => ownerOf(raw),
  perform: ({ scope }, { runId }) => readRunPlan(scope, runId),
});
