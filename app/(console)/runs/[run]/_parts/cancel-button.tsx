"use client";

import { useState, useTransition } from "react";
import { cancelRunAction } from "@/app/(console)/actions/runs";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import type { Problem } from "@/lib/contracts/problem";

/** Asks, and then stops the run. While the worker has not stopped yet the button says so. */
export function CancelButton({
  runId,
  whyNot,
  asked,
  onProblem,
}: {
  runId: string;
  whyNot: string | null;
  /** Somebody has asked already. */
  asked: boolean;
  onProblem: (problem: Problem | null) => void;
}) {
  const [open, setOpen] = useState(false);
  const [busy, start] = useTransition();
  const cancel = (): void =>
    start(async () => {
      onProblem(null);
      const result = await cancelRunAction(runId);
      setOpen(false);
      if (!result.ok) onProblem(result.problem);
    });
  return (
    <>
      <Button
        kind="danger"
        icon="ban"
        offReason={whyNot ?? undefined}
        busy={asked}
        busyLabel="Cancelling…"
        onClick={() => setOpen(true)}
      >
        Cancel run
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Cancel this run"
        consequence="What is at work is stopped and leaves no trace. Batches that were published stay; a bulk load that is not complete changes nothing. The next increment goes on where this one stopped."
        actions={
          <>
            <DialogClose render={<Button>Keep it running</Button>} />
            <Button kind="danger-solid" busy={busy} busyLabel="Cancelling…" onClick={cancel}>
              Cancel run
            </Button>
          </>
        }
      />
    </>
  );
}
