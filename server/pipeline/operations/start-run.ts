import "server-only";
import { startRunContract } from "@/lib/contracts/run-commands";
import { startRun } from "@/server/runs/start-run";
import { type Operation, tenantOperation } from "../operation";

/**
 * Queues a bulk load or an increment. The two need different permissions; what is neither is refused later, for its input,
 * to those who may start anything at all.
 *
 * @param trigger who asks, for the run's own record
 */
export function startRunOperation(
  trigger: "console" | "api" | "cli",
): Operation<typeof startRunContract.input, { runId: string }> {
  return tenantOperation({
    action: "run:start",
    permission: (raw) => (raw["mode"] === "bulk" ? "run:start-bulk" : "run:start-increment"),
    input: startRunContract.input,
    target: (raw) => (typeof raw["mode"] === "string" ? raw["mode"].slice(0, 20) : undefined),
    perform: ({ db, scope, actor }, { mode, tables }) =>
      startRun(db, {
        tenantId: scope.tenantId,
        mode,
        ...(tables === undefined ? {} : { tables }),
        trigger,
        requestedBy: actor.username,
      }),
    record: (input, { runId }) => ({
      target: runId,
      after: { mode: input.mode, tables: input.tables ?? "all" },
    }),
  });
}
