"use client";

import { useState, useTransition } from "react";
import { discardAction } from "@/app/(console)/actions/dead-letters";
import { ProblemLine } from "@/app/(console)/settings/_parts/problem-line";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Facts } from "@/components/ui/facts";
import { TextareaField } from "@/components/ui/field";
import { showToast } from "@/components/ui/toast";
import type { Problem } from "@/lib/contracts/problem";
import { plural } from "@/lib/format";
import { type Target, targetFacts } from "./targets";

/** Asks for the reason, and discards what was chosen. */
export function DiscardDialog({
  open,
  onOpenChange,
  targets,
  onDone,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  targets: readonly Target[];
  onDone: () => void;
}) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, start] = useTransition();
  const count = targets.reduce((sum, target) => sum + target.count, 0);
  const discard = (): void =>
    start(async () => {
      let discarded = 0;
      for (const { tenantId, chosen } of targets) {
        const result = await discardAction(tenantId, chosen, reason);
        if (!result.ok) {
          setProblem(result.problem);
          return;
        }
        discarded += result.value.discarded;
      }
      setProblem(null);
      showToast({ text: `Discarded ${plural(discarded, "dead letter")}` });
      onOpenChange(false);
      onDone();
    });
  const fault = problem?.faults?.find(({ path }) => path === "reason")?.message;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Discard ${plural(count, "dead letter")}`}
      consequence="What was rejected stays out of the history, and is not shown as open again when a load meets it. It can still be replayed while it is kept."
      actions={
        <>
          <DialogClose render={<Button>Keep them open</Button>} />
          <Button kind="danger-solid" busy={busy} busyLabel="Discarding…" onClick={discard}>
            Discard
          </Button>
        </>
      }
    >
      <Facts facts={targetFacts(targets)} />
      <TextareaField
        label="Reason"
        help="Kept with each of them and in the audit."
        error={fault}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <ProblemLine problem={problem} shown={["reason"]} />
    </Dialog>
  );
}
