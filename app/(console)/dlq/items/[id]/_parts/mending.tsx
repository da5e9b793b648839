"use client";

import { type ReactNode, useState, useTransition } from "react";
import {
  dryRunAction,
  freezeDeadLettersAction,
  replayAction,
} from "@/app/(console)/actions/dead-letters";
import { DiscardDialog } from "@/app/(console)/dlq/_parts/discard-dialog";
import { DryRunResult, VerdictWord } from "@/app/(console)/dlq/_parts/dry-run-result";
import { ReplayDialog } from "@/app/(console)/dlq/_parts/replay-dialog";
import type { Target } from "@/app/(console)/dlq/_parts/targets";
import { ProblemLine } from "@/app/(console)/settings/_parts/problem-line";
import { Button } from "@/components/ui/button";
import { InputField } from "@/components/ui/field";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import { showToast } from "@/components/ui/toast";
import { entityOf } from "@/lib/catalog";
import type { DeadLetterItem } from "@/lib/contracts/dlq";
import type { DryRunReply } from "@/lib/contracts/dlq-commands";
import type { Problem } from "@/lib/contracts/problem";
import { plural } from "@/lib/format";
import { editOf, recordText } from "@/lib/record/apply-edit";
import { recordFaults } from "@/lib/record/record-schema";
import { RecordForm } from "./record-form";

/**
 * Holds the mend of one dead letter: the form, the dry run of what is in it, and the actions, in a bar that does not scroll.
 * The panes are drawn by whoever uses it.
 */
export function Mending({
  item,
  whyNotReplay,
  whyNotDiscard,
  children,
}: {
  item: DeadLetterItem;
  whyNotReplay: string | null;
  whyNotDiscard: string | null;
  children: (parts: { form: ReactNode; verdict: (timeZone: string) => ReactNode }) => ReactNode;
}) {
  const entity = entityOf(item.tableName);
  const isOpen = item.status === "open" || item.status === "discarded";
  const isCut = item.raw.length < item.rawBytes && item.raw.length >= 200_000;
  const canEdit = item.kind === "record" && entity !== undefined && isOpen && !isCut;
  const [original] = useState(() =>
    entity === undefined ? {} : recordText(entity, { raw: item.raw, objectKey: item.objectKey }),
  );
  // What was tried last and failed again is where the next attempt begins.
  const [begun] = useState(() =>
    entity === undefined || item.draft === ""
      ? original
      : recordText(entity, { raw: item.draft, objectKey: ".json" }),
  );
  const [values, setValues] = useState(begun);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState<{ key: string; result: DryRunReply } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [runId, setRunId] = useState<string | null>(null);
  const [dialog, setDialog] = useState<"discard" | "group" | null>(null);
  const [group, setGroup] = useState<Target | null>(null);
  const [trying, startTrying] = useTransition();
  const [replaying, startReplaying] = useTransition();
  const [freezing, startFreezing] = useTransition();

  const edit = canEdit ? editOf(original, values) : {};
  const key = JSON.stringify(edit);
  const faults = canEdit && entity !== undefined ? recordFaults(entity, values) : {};
  const [first] = useState(() => [
    ...new Set([...item.errors.map((error) => error.field), ...Object.keys(faults)]),
  ]);
  const isFaulty = Object.keys(faults).length > 0;
  const chosen = { ids: [item.id] };

  const dryRun = (): void =>
    startTrying(async () => {
      const done = await dryRunAction(item.tenantId, chosen, isFaulty ? {} : edit);
      setProblem(done.ok ? null : done.problem);
      if (done.ok) setTried({ key, result: done.value });
    });
  const replay = (): void =>
    startReplaying(async () => {
      const done = await replayAction(item.tenantId, chosen, edit, reason);
      setProblem(done.ok ? null : done.problem);
      if (!done.ok) return;
      const started = done.value.runId ?? done.value.rerunIds[0] ?? null;
      setRunId(started);
      if (started !== null)
        showToast({
          text: "Replay started",
          link: { href: `/runs/${encodeURIComponent(started)}`, label: "Open run" },
        });
    });
  const tryGroup = (): void =>
    startFreezing(async () => {
      const frozen = await freezeDeadLettersAction(item.tenantId, {
        status: "open",
        kind: item.kind,
        fingerprint: item.fingerprint,
      });
      setProblem(frozen.ok ? null : frozen.problem);
      if (!frozen.ok) return;
      const { selectionId, count } = frozen.value;
      setGroup({
        tenantId: item.tenantId,
        tenantName: item.tenantName,
        chosen: { selectionId },
        count,
      });
      setDialog("group");
    });

  const count = Object.keys(faults).length;
  const form = canEdit && entity !== undefined && (
    <section aria-label="Mend">
      <SectionHead
        name={count === 0 ? "No field error" : plural(count, "field error")}
        fact="edit, then dry run"
        rule="none"
        actions={
          key === "{}" ? undefined : (
            <Button kind="quiet" size="small" onClick={() => setValues(original)}>
              Reset
            </Button>
          )
        }
      />
      <RecordForm
        entity={entity}
        values={values}
        faults={faults}
        first={first}
        onChange={(field, value) => setValues((before) => ({ ...before, [field]: value }))}
      />
      <div className="px-4 pb-3">
        <InputField
          label="Why (optional)"
          help="Kept with the mend and in the audit."
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
    </section>
  );
  const isStale = tried !== null && tried.key !== key;
  const verdict = (timeZone: string): ReactNode => (
    <section aria-label="Dry run" aria-live="polite">
      <SectionHead
        name="Dry run"
        fact={
          tried === null
            ? "nothing is written"
            : isStale
              ? "edited since; dry run again"
              : `nothing written, ${Math.round(tried.result.seconds * 1000)} ms`
        }
        rule={form === false ? "none" : "new"}
        actions={
          tried?.result.verdicts[0] === undefined || isStale ? undefined : (
            <VerdictWord kind={tried.result.verdicts[0].kind} />
          )
        }
      />
      {tried !== null && !isStale && <DryRunResult result={tried.result} timeZone={timeZone} />}
      {isCut && (
        <p className="px-4 pb-3 text-ink-3">
          The record is too long to be edited here. Deliver the correction from the source.
        </p>
      )}
    </section>
  );
  const isReplayable = isOpen || (item.status === "replayed" && item.kind === "record");
  return (
    <>
      {children({ form, verdict })}
      <div
        role="group"
        aria-label="Actions"
        className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line-2 bg-canvas px-4 py-2"
      >
        <Button
          kind="main"
          icon="play"
          offReason={
            whyNotReplay ??
            (isReplayable
              ? isFaulty
                ? "mend the fields first"
                : undefined
              : "the store no longer holds it")
          }
          busy={replaying}
          busyLabel="Starting…"
          onClick={replay}
        >
          {item.kind === "record"
            ? "Replay this record"
            : item.kind === "object"
              ? "Try the object again"
              : "Run it again"}
        </Button>
        {isReplayable && (
          <Button
            offReason={whyNotReplay ?? undefined}
            busy={trying}
            busyLabel="Trying…"
            onClick={dryRun}
          >
            Dry run
          </Button>
        )}
        {canEdit && !isFaulty && key !== "{}" && (
          <Button
            kind="quiet"
            offReason={whyNotReplay ?? undefined}
            busy={freezing}
            onClick={tryGroup}
          >
            The same mend for the group…
          </Button>
        )}
        {runId !== null && (
          <TextLink href={`/runs/${encodeURIComponent(runId)}`}>
            Replay started: open its run
          </TextLink>
        )}
        <ProblemLine problem={problem} />
        {item.status === "open" && (
          <span className="ml-auto flex items-center gap-2 max-sm:ml-0">
            <span className="type-small text-ink-3 max-md:hidden">
              the reason is kept in the audit
            </span>
            <Button
              kind="danger"
              icon="trash"
              offReason={whyNotDiscard ?? undefined}
              onClick={() => setDialog("discard")}
            >
              Discard
            </Button>
          </span>
        )}
      </div>
      {dialog === "discard" && (
        <DiscardDialog
          open
          onOpenChange={() => setDialog(null)}
          targets={[{ tenantId: item.tenantId, tenantName: item.tenantName, chosen, count: 1 }]}
          onDone={() => setDialog(null)}
        />
      )}
      {dialog === "group" && group !== null && (
        <ReplayDialog
          open
          onOpenChange={() => setDialog(null)}
          targets={[group]}
          tableName={item.tableName}
          edit={edit}
          onDone={() => setDialog(null)}
        />
      )}
    </>
  );
}
