import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { z } from "zod";

import { causeMessage } from "@/server/runs/task-cause";

import type { ExecutionEvent } from "./orchestrator";

const TaskInput = z.object({
  table_name: z.string().optional(),
  retry_count: z.number().optional(),
});

/** What events of one chain have in common: the table, the state and the attempt that they are about. */
interface Place {
  readonly state: string;
  readonly tableName: string;
  readonly attempt: number | null;
}

const NOWHERE: Place = { state: "", tableName: "", attempt: null };

/**
 * The history of an execution as Step Functions tells it, in our shape. Each event names the one before it, from which it
 * has its state and table where it does not say so itself.
 *
 * @param events in order of their ids
 */
export function readHistory(events: readonly HistoryEvent[]): ExecutionEvent[] {
  const places = new Map<number, Place>();
  return events.map((event) => {
    const { id = 0, timestamp, type = "" } = event;
    const place = placeOf(event, places.get(event.previousEventId ?? 0) ?? NOWHERE);
    places.set(id, place);
    const failure = failureOf(event);
    return {
      id,
      at: (timestamp ?? new Date(0)).toISOString(),
      type,
      ...place,
      input: inputOf(event),
      output: outputOf(event),
      errorName: failure?.error ?? "",
      error: causeMessage(failure?.cause ?? ""),
    };
  });
}

function placeOf(event: HistoryEvent, before: Place): Place {
  const name = event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name;
  const said = TaskInput.safeParse(parse(inputOf(event)));
  return {
    state: name ?? (event.type?.startsWith("Execution") === true ? "" : before.state),
    tableName: (said.success ? said.data.table_name : undefined) ?? before.tableName,
    attempt: attemptOf(event, said.success ? said.data.retry_count : undefined, before),
  };
}

function attemptOf(event: HistoryEvent, retries: number | undefined, before: Place): number | null {
  if (event.type?.startsWith("Lambda") !== true) return null;
  return retries === undefined ? before.attempt : retries + 1;
}

function inputOf(event: HistoryEvent): string {
  return (
    event.lambdaFunctionScheduledEventDetails?.input ??
    event.stateEnteredEventDetails?.input ??
    event.executionStartedEventDetails?.input ??
    ""
  );
}

function outputOf(event: HistoryEvent): string {
  return (
    event.lambdaFunctionSucceededEventDetails?.output ??
    event.stateExitedEventDetails?.output ??
    event.executionSucceededEventDetails?.output ??
    ""
  );
}

function failureOf(
  event: HistoryEvent,
): { error?: string | undefined; cause?: string | undefined } | undefined {
  return (
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.lambdaFunctionScheduleFailedEventDetails ??
    event.lambdaFunctionStartFailedEventDetails ??
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails
  );
}

function parse(json: string): unknown {
  try {
    return json === "" ? undefined : JSON.parse(json);
  } catch {
    // Step Functions cuts long data off; what is left is no JSON then.
    return undefined;
  }
}
