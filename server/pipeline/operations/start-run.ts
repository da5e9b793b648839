import "server-only";
import { startRunContract } from "@/lib/contracts/run-commands";
import { startRun } from "@/server/runs/start-run";
import { type Operation, tenantOperation } from "../operation";

/**
 * Queues a bulk load or an increment. The two need different permissions; what is neither is refused later, for its input,
 * to those who may start anything at all.
 *
 * @param trigger who asks, for the run's own record
 * @param isApproved only where whoever asks has seen what a reload or an extract would do: then nothing stops the run
 */
export function startRunOperation(
  trigger: "console" | "api" | "cli",
  isApproved = false,
): Operation<typeof startRunContract.input, { runId: string }> {
  return tenantOperation({
    action: "run:start",
    permission: (raw) => (raw["mode"] === "bulk" ? "run:start-bulk" : "run:start-increment"),
    input: startRunContract.input,
    target: (raw) => (typeof raw["mode"] === "string" ? raw["mode"].slice(0, 20) : undefined),
    perform: ({ db, scope, actor }, { mode, tables, plan }) =>
      startRun(db, {
        tenantId: scope.tenantId,
        mode,
        ...(tables === undefined ? {} : { tables }),
        trigger,
        requestedBy: actor.username,
        planRule: plan === true ? "always" : isApproved ? "never" : "when_due",
      }),
    record: (input, { runId }) => ({
      target: runId,
      after: {
        mode: input.mode,
        tables: input.tables ?? "all",
        ...(input.plan === true ? { plan: "yes" } : {}),
        ...(isApproved ? { approved: "yes" } : {}),
      },
    }),
  });
}
