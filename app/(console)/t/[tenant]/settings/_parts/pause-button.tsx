"use client";

import { useId, useState } from "react";
import { pauseTenantAction, resumeTenantAction } from "@/app/(console)/actions/tenants";
import { ProblemLine } from "@/app/(console)/settings/_parts/problem-line";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { InputField } from "@/components/ui/field";
import { useSetting } from "./use-setting";

/** Pauses a tenant after asking why, or lets it go on. */
export function PauseButton({
  tenantId,
  tenantName,
  paused,
  whyNot,
}: {
  tenantId: string;
  tenantName: string;
  paused: boolean;
  whyNot: string | null;
}) {
  const form = useId();
  const [asking, setAsking] = useState(false);
  const { busy, problem, faultOf, run } = useSetting();
  if (paused)
    return (
      <>
        <Button
          kind="main"
          icon="play"
          offReason={whyNot ?? undefined}
          busy={busy}
          busyLabel="Resuming…"
          onClick={() => run(() => resumeTenantAction(tenantId), `${tenantName} goes on by itself`)}
        >
          Resume
        </Button>
        <ProblemLine problem={problem} />
      </>
    );
  return (
    <>
      <Button icon="pause" offReason={whyNot ?? undefined} onClick={() => setAsking(true)}>
        Pause
      </Button>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`Pause ${tenantName}`}
        consequence="Nothing of this tenant starts by itself until somebody resumes it. What is at work goes on, and runs can still be started by hand."
        actions={
          <>
            <DialogClose render={<Button>Let it go on</Button>} />
            <Button kind="main" type="submit" form={form} busy={busy} busyLabel="Pausing…">
              Pause tenant
            </Button>
          </>
        }
      >
        <form
          id={form}
          onSubmit={(event) => {
            event.preventDefault();
            const reason = String(new FormData(event.currentTarget).get("reason") ?? "");
            run(
              () => pauseTenantAction(tenantId, reason),
              `${tenantName} is paused`,
              () => setAsking(false),
            );
          }}
        >
          <InputField
            label="Reason"
            name="reason"
            maxLength={500}
            autoComplete="off"
            help="For whoever looks at it next. It may stay empty."
            error={faultOf("reason")}
          />
          <ProblemLine problem={problem} shown={["reason"]} />
        </form>
      </Dialog>
    </>
  );
}
