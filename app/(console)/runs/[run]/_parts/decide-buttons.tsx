"use client";

import { useState, useTransition } from "react";
import { applyRunAction, rejectRunAction } from "@/app/(console)/actions/runs";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { TextareaField } from "@/components/ui/field";
import type { TablePlan } from "@/lib/contracts/plans";
import type { ActionResult, Problem } from "@/lib/contracts/problem";
import { plural } from "@/lib/format";

/** Applies or rejects the plan of a run, each after a question. The buttons say why they cannot be used; the server decides. */
export function DecideButtons({
  runId,
  plans,
  whyNot,
  onProblem,
}: {
  runId: string;
  /** The plans that wait. */
  plans: readonly TablePlan[];
  whyNot: string | null;
  onProblem: (problem: Problem | null) => void;
}) {
  const [asking, setAsking] = useState<"apply" | "reject" | null>(null);
  const [reason, setReason] = useState("");
  const [busy, start] = useTransition();
  const decide = (work: () => Promise<ActionResult<{ runId: string }>>): void =>
    start(async () => {
      onProblem(null);
      const result = await work();
      setAsking(null);
      if (!result.ok) onProblem(result.problem);
    });
  const sum = (value: (plan: TablePlan) => number): number =>
    plans.reduce((total, plan) => total + value(plan), 0);
  const deletions = sum((plan) => plan.figures.deletions);
  const tooShort = reason.trim().length < 8;
  return (
    <>
      <Button kind="danger" offReason={whyNot ?? undefined} onClick={() => setAsking("reject")}>
        Reject
      </Button>
      <Button
        kind="main"
        icon="check"
        offReason={whyNot ?? undefined}
        onClick={() => setAsking("apply")}
      >
        Apply plan
      </Button>
      <Dialog
        open={asking === "apply"}
        onOpenChange={(open) => setAsking(open ? "apply" : null)}
        title={`Apply the plan of ${plans.length === 1 ? (plans[0]?.tableName ?? "") : plural(plans.length, "table")}`}
        consequence={`Exactly what was staged is published: ${plural(
          sum((plan) => plan.figures.versionsOpened),
          "version",
        )} opened, ${sum((plan) => plan.figures.versionsClosed)} closed, ${plural(deletions, "record")} deleted. Where the store or the table has changed since, nothing is published and the run is planned anew.`}
        actions={
          <>
            <DialogClose render={<Button>Not yet</Button>} />
            <Button
              kind={deletions > 0 ? "danger-solid" : "main"}
              busy={busy}
              busyLabel="Applying…"
              onClick={() => decide(() => applyRunAction(runId))}
            >
              Apply plan
            </Button>
          </>
        }
      />
      <Dialog
        open={asking === "reject"}
        onOpenChange={(open) => setAsking(open ? "reject" : null)}
        title="Reject the plan"
        consequence="What was staged is dropped and the run ends cancelled. Nothing that readers see changes; the objects stay in the store."
        actions={
          <>
            <DialogClose render={<Button>Keep the plan</Button>} />
            <Button
              kind="danger-solid"
              busy={busy}
              busyLabel="Rejecting…"
              offReason={tooShort ? "say why" : undefined}
              onClick={() => decide(() => rejectRunAction(runId, reason.trim()))}
            >
              Reject plan
            </Button>
          </>
        }
      >
        <TextareaField
          label="Reason"
          help="At least 8 characters. It stands on the run and in the audit."
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
      </Dialog>
    </>
  );
}
