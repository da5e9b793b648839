"use client";

import { useState, useTransition } from "react";
import { freezeDeadLettersAction } from "@/app/(console)/actions/dead-letters";
import { ProblemLine } from "@/app/(console)/settings/_parts/problem-line";
import { Button } from "@/components/ui/button";
import type { DeadLetterListReply, DeadLetterRow } from "@/lib/contracts/dlq";
import type { Problem } from "@/lib/contracts/problem";
import { formatCount, plural } from "@/lib/format";
import { groupBy } from "@/lib/group-by";
import type { DlqState } from "../search-params";
import { DiscardDialog } from "./discard-dialog";
import { ReplayDialog } from "./replay-dialog";
import type { Target } from "./targets";

/** Replays or discards the records that are picked, or all that match the filter at this moment. */
export function BulkBar({
  state,
  fingerprint,
  data,
  picked,
  onClear,
  whyNotReplay,
  whyNotDiscard,
}: {
  state: DlqState;
  fingerprint: string;
  data: DeadLetterListReply;
  picked: ReadonlyMap<string, DeadLetterRow>;
  onClear: () => void;
  whyNotReplay: string | null;
  whyNotDiscard: string | null;
}) {
  const [doing, setDoing] = useState<{ what: "replay" | "discard"; targets: Target[] } | null>(
    null,
  );
  const [problem, setProblem] = useState<Problem | null>(null);
  const [freezing, start] = useTransition();
  const isAll = picked.size === 0;
  const count = isAll ? data.matching.count : picked.size;
  const label = isAll
    ? `all ${formatCount(count)}${data.matching.capped ? "+" : ""}`
    : formatCount(count);

  const begin = (what: "replay" | "discard"): void =>
    start(async () => {
      if (!isAll) {
        setDoing({ what, targets: targetsOf([...picked.values()]) });
        return;
      }
      const targets: Target[] = [];
      for (const { tenantId, tenantName } of data.tenants) {
        const frozen = await freezeDeadLettersAction(tenantId, {
          status: state.status,
          fingerprint,
          ...(state.table === null ? {} : { table: state.table }),
          ...(state.kind === null ? {} : { kind: state.kind }),
        });
        if (!frozen.ok) {
          setProblem(frozen.problem);
          return;
        }
        const { selectionId } = frozen.value;
        targets.push({ tenantId, tenantName, chosen: { selectionId }, count: frozen.value.count });
      }
      setProblem(null);
      setDoing({ what, targets });
    });
  const close = (): void => setDoing(null);
  const done = (): void => {
    close();
    onClear();
  };

  return (
    <div
      role="group"
      aria-label="What to do with them"
      className="flex flex-wrap items-center gap-2 border-t border-line bg-canvas px-4 py-2"
    >
      <Button
        kind="main"
        icon="play"
        offReason={whyNotReplay ?? undefined}
        busy={freezing}
        onClick={() => begin("replay")}
      >
        Replay {label}…
      </Button>
      <Button
        kind="danger"
        icon="trash"
        offReason={whyNotDiscard ?? undefined}
        busy={freezing}
        onClick={() => begin("discard")}
      >
        Discard {label}…
      </Button>
      <span className="type-small text-ink-3" aria-live="polite">
        {isAll
          ? `Pick records to take only those${data.tenants.length > 1 ? `; ${plural(data.tenants.length, "tenant")}` : ""}.`
          : `${plural(picked.size, "record")} picked.`}
      </span>
      {!isAll && (
        <Button kind="quiet" onClick={onClear}>
          Pick none
        </Button>
      )}
      <ProblemLine problem={problem} />
      {doing?.what === "replay" && (
        <ReplayDialog
          open
          onOpenChange={close}
          targets={doing.targets}
          tableName={data.rows[0]?.kind === "record" ? data.rows[0].tableName : ""}
          onDone={done}
        />
      )}
      {doing?.what === "discard" && (
        <DiscardDialog open onOpenChange={close} targets={doing.targets} onDone={done} />
      )}
    </div>
  );
}

function targetsOf(rows: readonly DeadLetterRow[]): Target[] {
  return [...groupBy(rows, (row) => row.tenantId)].map(([tenantId, own]) => ({
    tenantId,
    tenantName: own[0]?.tenantName ?? tenantId,
    chosen: { ids: own.map((row) => row.id) },
    count: own.length,
  }));
}
