import { CancelledError } from "@/server/runs/run-control";
import { putMetrics } from "@/server/metrics/put-metrics";
import { runFigures } from "@/server/metrics/run-figures";
import { endRun } from "@/server/runs/end-run";

import type { LambdaHandler } from "./lambda-context";
import { runTask } from "./run-task";

interface Verdict {
  readonly status: string;
  readonly error: string;
}

/** State ValidateDataMovement: holds the ledgers of the run's tables against each other, and ends the run. */
export const handler: LambdaHandler<Verdict> = async (event, context) =>
  runTask<Verdict>("${ValidatorFunctionArn}", event, context, {
    after: async (execution, verdict, control) => {
      const cancelled = control.cancelledBy;
      const { status, error } =
        cancelled === undefined
          ? verdict
          : { status: "cancelled", error: new CancelledError(cancelled).message };
      putMetrics(await runFigures(execution.context.db, execution.run.run_id));
      await endRun(execution, status, error);
      return { status, error };
    },
    // It had ended the run, and was called again because its answer was lost.
    whenEnded: ({ status, error }) => ({ status, error }),
  });
