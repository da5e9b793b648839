"use client";

import { useState, useTransition } from "react";
import { dryRunAction, replayAction } from "@/app/(console)/actions/dead-letters";
import { ProblemLine } from "@/app/(console)/settings/_parts/problem-line";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Facts } from "@/components/ui/facts";
import { InputField } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select-field";
import { showToast } from "@/components/ui/toast";
import { entityOf } from "@/lib/catalog";
import type { DryRunReply } from "@/lib/contracts/dlq-commands";
import type { ActionResult, Problem } from "@/lib/contracts/problem";
import { plural } from "@/lib/format";
import type { RecordEdit } from "@/lib/record/apply-edit";
import { editableFields } from "@/lib/record/record-schema";
import { CountsBar } from "./counts-bar";
import { type Target, targetFacts } from "./targets";

const NO_FIELD = "";

/**
 * Replays what was chosen: a dry run of all of it, one field that is set on each record where that mends them, then the
 * replay, one run a tenant.
 *
 * @param tableName of the records, for the fields; '' where they can be none
 * @param edit what is set on each already, such as the mend of one record that is tried on its group
 */
export function ReplayDialog({
  open,
  onOpenChange,
  targets,
  tableName,
  edit: given,
  onDone,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  targets: readonly Target[];
  tableName: string;
  edit?: RecordEdit | undefined;
  onDone: () => void;
}) {
  const entity = entityOf(tableName);
  const [field, setField] = useState(NO_FIELD);
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState<{ key: string; result: DryRunReply } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [trying, startTrying] = useTransition();
  const [replaying, startReplaying] = useTransition();
  const edit: RecordEdit =
    given ?? (field === NO_FIELD ? {} : { [field]: value === "" ? null : value });
  const key = JSON.stringify(edit);
  const result = tried?.key === key ? tried.result : null;
  const count = targets.reduce((sum, target) => sum + target.count, 0);

  const each = async <Value,>(
    act: (target: Target) => Promise<ActionResult<Value>>,
  ): Promise<Value[] | null> => {
    const values: Value[] = [];
    for (const target of targets) {
      const done = await act(target);
      if (!done.ok) {
        setProblem(done.problem);
        return null;
      }
      values.push(done.value);
    }
    setProblem(null);
    return values;
  };
  const dryRun = (): void =>
    startTrying(async () => {
      const results = await each(async ({ tenantId, chosen }) =>
        dryRunAction(tenantId, chosen, edit),
      );
      if (results !== null) setTried({ key, result: sumOf(results) });
    });
  const replay = (): void =>
    startReplaying(async () => {
      const replies = await each(async ({ tenantId, chosen }) =>
        replayAction(tenantId, chosen, edit, reason),
      );
      if (replies === null) return;
      const runIds = replies.flatMap(({ runId, rerunIds }) => [
        ...(runId === null ? [] : [runId]),
        ...rerunIds,
      ]);
      const [first] = runIds;
      showToast({
        text: `Replay of ${plural(count, "dead letter")} started`,
        ...(first === undefined
          ? {}
          : {
              link: {
                href:
                  runIds.length === 1 ? `/runs/${encodeURIComponent(first)}` : "/runs?mode=replay",
                label: runIds.length === 1 ? "Open run" : "Open runs",
              },
            }),
      });
      onOpenChange(false);
      onDone();
    });

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Replay ${plural(count, "dead letter")}`}
      consequence="Each record is validated and merged again in its own place in history. What fails again stays open; what arrives from now on is not part of it."
      actions={
        <>
          <DialogClose render={<Button>Keep them open</Button>} />
          <Button busy={trying} busyLabel="Trying…" onClick={dryRun}>
            Dry run
          </Button>
          <Button kind="main" busy={replaying} busyLabel="Starting…" onClick={replay}>
            Replay
          </Button>
        </>
      }
    >
      <Facts facts={targetFacts(targets)} />
      {given !== undefined && (
        <Facts
          facts={Object.entries(given).map(([name, set]) => ({
            name,
            value: set ?? "NULL",
            mono: true,
          }))}
        />
      )}
      {given === undefined && entity !== undefined && (
        <div className="grid grid-cols-2 gap-2 max-sm:grid-cols-1">
          <SelectField
            label="Set on each record"
            options={[
              { value: NO_FIELD, label: "Nothing, as they came" },
              ...editableFields(entity).map((name) => ({ value: name, label: name })),
            ]}
            value={field}
            onChange={setField}
          />
          {field !== NO_FIELD && (
            <InputField
              label={`Value of ${field}`}
              mono
              placeholder="NULL"
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </div>
      )}
      <InputField
        label="Why (optional)"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {result !== null && <CountsBar result={result} />}
      <ProblemLine problem={problem} />
    </Dialog>
  );
}

function sumOf(results: readonly DryRunReply[]): DryRunReply {
  const [first] = results;
  if (first === undefined) throw new Error("A dry run of nothing");
  return results.slice(1).reduce(
    (sum, one): DryRunReply => ({
      ...sum,
      count: sum.count + one.count,
      changing: sum.changing + one.changing,
      nothing: sum.nothing + one.nothing,
      waiting: sum.waiting + one.waiting,
      failing: sum.failing + one.failing,
      seconds: sum.seconds + one.seconds,
      detail: null,
    }),
    first,
  );
}
