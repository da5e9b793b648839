import { type RunDetail, type RunState, stepWord } from "@/lib/status";
import { toMs } from "@/lib/time";

/** A task is tried again this often before its table becomes a dead letter; the state machine's retriers say the same. */
const RETRIES = 3;

/** What a run's state word needs to be exact, from what is known of the run or of one of its tables. */
export function runDetail(facts: {
  status: RunState;
  steps: readonly string[];
  attempt: number;
  heartbeatAt: string | null;
  queuePosition?: number | null;
  asOf: string;
}): RunDetail {
  const [step] = facts.steps;
  return {
    step: stepWord(step),
    // The first attempt is no retry.
    attempt: Math.max(facts.attempt - 1, 1),
    attempts: RETRIES,
    queuePosition: facts.queuePosition ?? undefined,
    stalledMinutes:
      facts.heartbeatAt === null
        ? undefined
        : Math.max(1, Math.floor((toMs(facts.asOf) - toMs(facts.heartbeatAt)) / 60_000)),
  };
}

/** `Bulk load`, `Increment` or `Replay`. */
export function modeWord(mode: string): string {
  if (mode === "replay") return "Replay";
  return mode === "bulk" ? "Bulk load" : "Increment";
}

/** The tables of a run in few words: the name of one, the number of several. */
export function tablesWord(tables: readonly string[]): string {
  return tables.length === 1 ? (tables[0] ?? "") : `${tables.length} tables`;
}

/** Share of rows done, 0 to 1; null where it is not known how many there are. */
export function shareDone(rowsDone: number, rowsTotal: number): number | null {
  return rowsTotal > 0 ? Math.min(1, rowsDone / rowsTotal) : null;
}
