import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ExecutionNotRedrivable,
  GetExecutionHistoryCommand,
  type GetExecutionHistoryCommandOutput,
  type HistoryEvent,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";

import { clientSettings } from "@/server/aws/client-settings";
import { AppError } from "@/server/errors";
import type { Run } from "@/server/runs/run-store";
import { causeMessage } from "@/server/runs/task-cause";

import { executionInput } from "./local-orchestrator";
import type { ExecutionState, Orchestrator } from "./orchestrator";
import { readHistory } from "./read-history";

const PAGE = 1_000;
/** Of a longer history the newest are read. */
const MOST_EVENTS = 5_000;

/**
 * AWS Step Functions. An execution has the run's id for its name, and a name is used once: starting a run twice, from
 * anywhere, starts one execution.
 */
export function stepFunctionsOrchestrator(stateMachineArn: string): Orchestrator {
  const client = clientFor(stateMachineArn);
  const addressOf = (runId: string): string =>
    `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${runId}`;
  const executionArn = (run: Run): string => run.execution_arn || addressOf(run.run_id);
  return {
    name: "stepfunctions",
    addressOf,
    async start(run) {
      try {
        await client.send(
          new StartExecutionCommand({
            stateMachineArn,
            // The run's id, with a number behind it where it is not the run's first execution.
            name: executionArn(run).split(":").at(-1),
            input: executionInput(run),
          }),
        );
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
    async stop(run, requestedBy) {
      try {
        await client.send(
          new StopExecutionCommand({
            executionArn: executionArn(run),
            error: "Cancelled",
            cause: `Cancelled by ${requestedBy}.`,
          }),
        );
      } catch (error) {
        // It was never started; then there is nothing to stop.
        if (!(error instanceof ExecutionDoesNotExist)) throw error;
      }
    },
    async describe(run) {
      try {
        return await describe(client, executionArn(run));
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return undefined;
        throw error;
      }
    },
    async history(run) {
      try {
        return readHistory(await newestEvents(client, executionArn(run)));
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return [];
        throw error;
      }
    },
    async redrive(run, token) {
      try {
        await client.send(
          new RedriveExecutionCommand({ executionArn: executionArn(run), clientToken: token }),
        );
      } catch (error) {
        if (error instanceof ExecutionNotRedrivable || error instanceof ExecutionDoesNotExist) {
          throw new AppError(
            "conflict",
            "Step Functions cannot redrive this run's execution: it ended well, is at work again, or is older than 14 days. Start a new run instead.",
            { cause: error },
          );
        }
        throw error;
      }
    },
  };
}

const clients = new Map<string, SFNClient>();

/** One client for all that is asked of a region: it keeps its connections. */
function clientFor(arn: string): SFNClient {
  const settings = clientSettings(arn);
  const key = JSON.stringify(settings);
  const client = clients.get(key) ?? new SFNClient(settings);
  clients.set(key, client);
  return client;
}

async function describe(client: SFNClient, executionArn: string): Promise<ExecutionState> {
  const found = await client.send(new DescribeExecutionCommand({ executionArn }));
  return {
    status: found.status ?? "RUNNING",
    startedAt: found.startDate?.toISOString() ?? null,
    stoppedAt: found.stopDate?.toISOString() ?? null,
    input: found.input ?? "",
    output: found.output ?? "",
    errorName: found.error ?? "",
    error: causeMessage(found.cause ?? ""),
    redrives: found.redriveCount ?? 0,
    isRedrivable: found.redriveStatus === "REDRIVABLE",
  };
}

/** In order of their ids. */
async function newestEvents(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page: GetExecutionHistoryCommandOutput = await client.send(
      new GetExecutionHistoryCommand({
        executionArn,
        maxResults: PAGE,
        reverseOrder: true,
        includeExecutionData: true,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined && events.length < MOST_EVENTS);
  return events.toReversed();
}
