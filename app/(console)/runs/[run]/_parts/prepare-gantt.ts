import type { GanttBar, GanttRow } from "@/components/data/gantt";
import { runDetail, shareDone } from "@/app/(console)/_parts/run-words";
import type { RunReply, RunStep, RunTable } from "@/lib/contracts/runs";
import { formatPercent } from "@/lib/format";
import { isOpenRun, runWord } from "@/lib/status";
import { formatDuration, spellDuration, toMs } from "@/lib/time";

export interface GanttModel {
  readonly rows: readonly GanttRow[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number | null;
}

/** Shorter waits are the runner's own book-keeping between two steps. */
const WAIT_SHOWN_MS = 1_000;

/** The first words of an error, for the line under a bar. */
function reasonOf(step: RunStep): string {
  // A point inside a figure ends no sentence.
  const words = step.error.split(/\.(?!\d)|\n/)[0] ?? "";
  return `attempt ${step.attempt}: ${words.length > 70 ? `${words.slice(0, 69)}…` : words || "interrupted"}`;
}

function barsOf(steps: readonly RunStep[], reply: RunReply, table: RunTable): GanttBar[] {
  const endOfRun = reply.run.finishedAt === null ? null : toMs(reply.run.finishedAt);
  const bars: GanttBar[] = [];
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    const before = steps[index - 1];
    const id = `${step.attempt}-${step.batch}-${step.step}`;
    const fromMs = toMs(step.startedAt);
    const last = bars.at(-1);
    if (before !== undefined && step.attempt > before.attempt && last !== undefined) {
      const waitFrom = last.toMs ?? fromMs;
      if (fromMs - waitFrom >= WAIT_SHOWN_MS)
        bars.push({
          id: `${id}-wait`,
          step: "wait",
          kind: "wait",
          fromMs: waitFrom,
          toMs: fromMs,
          reason: `waited ${spellDuration((fromMs - waitFrom) / 1000)}`,
        });
    }
    // A step that never ended although others came after it belonged to a process that died.
    const isOpen =
      step.finishedAt === null &&
      next === undefined &&
      endOfRun === null &&
      isOpenRun(table.status);
    const toEnd =
      step.finishedAt !== null
        ? toMs(step.finishedAt)
        : isOpen
          ? null
          : Math.max(
              fromMs,
              next === undefined ? (endOfRun ?? toMs(reply.asOf)) : toMs(next.startedAt),
            );
    const failed = step.status === "failed" || (step.finishedAt === null && !isOpen);
    bars.push({
      id,
      step: step.step,
      kind: failed ? "failed" : isOpen ? "active" : "done",
      fromMs,
      toMs: toEnd,
      ...(failed ? { reason: reasonOf(step) } : {}),
    });
  }
  return bars;
}

/** Tables and attempts over time, from the steps of a run. Pure. */
export function prepareGantt(reply: RunReply): GanttModel {
  const { run } = reply;
  const asOf = toMs(reply.asOf);
  const fromMs = toMs(run.startedAt ?? run.createdAt);
  const over = run.finishedAt !== null;
  const rows = reply.tables.map((table): GanttRow => {
    const steps = reply.steps.filter((step) => step.tableName === table.tableName);
    const seconds =
      table.startedAt === null
        ? null
        : (toMs(table.finishedAt ?? (over ? (run.finishedAt ?? reply.asOf) : reply.asOf)) -
            toMs(table.startedAt)) /
          1000;
    const word = runWord(
      table.status,
      runDetail({
        status: table.status,
        steps: [table.step],
        attempt: table.attempt,
        heartbeatAt: run.heartbeatAt,
        asOf: reply.asOf,
      }),
    );
    const share = shareDone(table.rowsDone, table.rowsTotal);
    return {
      id: table.tableName,
      name: table.tableName,
      state: table.status,
      word: seconds === null ? word : `${word}, ${formatDuration(seconds)}`,
      bars: barsOf(steps, reply, table),
      usualSeconds: table.usualSeconds,
      figure:
        isOpenRun(table.status) && share !== null && table.status !== "queued"
          ? formatPercent(Math.floor(share * 100) / 100)
          : undefined,
    };
  });
  const usualEnd = Math.max(
    0,
    ...reply.tables.map((table) =>
      table.usualSeconds === null
        ? 0
        : toMs(table.startedAt ?? run.startedAt ?? run.createdAt) + table.usualSeconds * 1000,
    ),
  );
  const toMsEnd = over
    ? Math.max(toMs(run.finishedAt ?? reply.asOf), usualEnd)
    : Math.max(asOf + Math.max(2_000, (asOf - fromMs) * 0.15), usualEnd);
  return { rows, fromMs, toMs: Math.max(toMsEnd, fromMs + 1_000), nowMs: over ? null : asOf };
}
