"use client";

import { useState, useTransition } from "react";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useRead } from "@/app/(console)/_read/use-read";
import { redriveRunAction } from "@/app/(console)/actions/runs";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { SectionHead } from "@/components/ui/section-head";
import type { Problem } from "@/lib/contracts/problem";
import { type RunExecutionReply, runExecutionContract } from "@/lib/contracts/run-execution";
import { plural } from "@/lib/format";
import type { RunState } from "@/lib/status";
import { ExecutionCalls } from "./execution-calls";

const CARRIED_OUT_BY = { local: "this machine", stepfunctions: "Step Functions" } as const;

/**
 * How the run was carried out, alike for both orchestrators: its execution, and each call of a task with what went in and
 * came out. Asked for when it is opened, or where the run died and can perhaps go on.
 */
export function RunExecution({
  runId,
  status,
  timeZone,
  whyNotRedrive,
  onProblem,
}: {
  runId: string;
  status: RunState;
  timeZone: string;
  whyNotRedrive: string | null;
  onProblem: (problem: Problem | null) => void;
}) {
  const [open, setOpen] = useState(false);
  const isDead = status === "failed" || status === "cancelled";
  const query = useRead(
    runExecutionContract,
    { runId },
    { topics: [`run:${runId}`], enabled: open || isDead },
  );
  return (
    <section aria-label="Execution">
      <SectionHead
        name="Execution"
        rule="new"
        fact={query.data === undefined ? undefined : factOf(query.data)}
        actions={
          query.data?.execution?.isRedrivable === true && isDead ? (
            <RedriveButton runId={runId} whyNot={whyNotRedrive} onProblem={onProblem} />
          ) : undefined
        }
      />
      <details
        className="group border-t border-b border-line"
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary className="focus-inset type-small flex min-h-7 items-center gap-2 px-4 text-ink-3 hover:bg-hover max-sm:min-h-11">
          <Icon
            name="chevron-right"
            size={12}
            className="transition-transform duration-120 group-open:rotate-90"
          />
          Calls of tasks, with input and output
        </summary>
        {open && (
          <ReadBody query={query} what="The execution" timeZone={timeZone} skeletonRows={4}>
            {(data) => <ExecutionCalls calls={data.calls} timeZone={timeZone} />}
          </ReadBody>
        )}
      </details>
    </section>
  );
}

function factOf({ orchestrator, execution, calls }: RunExecutionReply): string {
  const where = `by ${CARRIED_OUT_BY[orchestrator]}`;
  if (execution === null) return `${where}, no execution is known`;
  const redrives = execution.redrives === 0 ? "" : `, ${plural(execution.redrives, "redrive")}`;
  const state = execution.status.toLowerCase().replaceAll("_", " ");
  return `${where}: ${state}, ${plural(calls.length, "call")}${redrives}`;
}

function RedriveButton({
  runId,
  whyNot,
  onProblem,
}: {
  runId: string;
  whyNot: string | null;
  onProblem: (problem: Problem | null) => void;
}) {
  const [busy, start] = useTransition();
  return (
    <Button
      size="small"
      icon="rotate-cw"
      offReason={whyNot ?? undefined}
      busy={busy}
      busyLabel="Redriving…"
      onClick={() =>
        start(async () => {
          onProblem(null);
          const result = await redriveRunAction(runId);
          if (!result.ok) onProblem(result.problem);
        })
      }
    >
      Redrive
    </Button>
  );
}
