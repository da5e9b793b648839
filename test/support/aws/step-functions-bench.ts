import { z } from "zod";

import type { PlanRule } from "@/lib/contracts/plans";
import { closeDb } from "@/server/clickhouse/client";
import { overrideEnv } from "@/server/env";
import { handler as bulkLoader } from "@/server/lambda/bulk-loader";
import { handler as deadLetter } from "@/server/lambda/dead-letter";
import { handler as initializer } from "@/server/lambda/initializer";
import { forgetRunContext } from "@/server/lambda/open-run-context";
import { handler as scdProcessor } from "@/server/lambda/scd-processor";
import { handler as validator } from "@/server/lambda/validator";
import { syncRuns } from "@/server/orchestrators/sync-run";
import { executeRun } from "@/server/runs/execute-run";
import { type Run, type RunMode, findRun } from "@/server/runs/run-store";
import { startRun } from "@/server/runs/start-run";
import { findTaskCalls } from "@/server/runs/task-calls";

import { LoadBench } from "../load";
import { AwsServer } from "./aws-server";

const TableRow = z.record(z.string(), z.unknown());

/** A store, a ClickHouse and Step Functions, with runs that either orchestrator carries out. */
export class StepFunctionsBench {
  private constructor(
    readonly bench: LoadBench,
    readonly aws: AwsServer,
  ) {}

  static async open(): Promise<StepFunctionsBench> {
    const bench = await LoadBench.open();
    const aws = await AwsServer.start({
      Initializer: initializer,
      BulkLoader: bulkLoader,
      ScdProcessor: scdProcessor,
      Validator: validator,
      DeadLetter: deadLetter,
    });
    const { url, username, password } = bench.db.connection;
    aws.secret = { url, username, password, database: bench.db.database };
    overrideEnv({
      CANONICAL_STORE: bench.storeDir,
      CLICKHOUSE_SECRET_ARN: aws.secretArn,
      STATE_MACHINE_ARN: aws.stateMachineArn,
      DEAD_LETTER_QUEUE_URL: aws.queueUrl,
      AWS_ENDPOINT_URL: aws.url,
    });
    forgetRunContext();
    return new StepFunctionsBench(bench, aws);
  }

  async close(): Promise<void> {
    await this.aws.close();
    await closeDb();
    await this.bench.close();
  }

  /** Starts a run; Step Functions begins with it at once. */
  async start(
    tenantId: string,
    tables: readonly string[],
    mode: RunMode,
    planRule?: PlanRule,
  ): Promise<string> {
    overrideEnv({ ORCHESTRATOR: "stepfunctions" });
    const { runId } = await startRun(this.bench.db, {
      ...asked(tenantId, tables, mode),
      planRule,
    });
    return runId;
  }

  /** Waits for what is at work, and holds the runs against it. */
  async settle(runId: string): Promise<Run> {
    await this.aws.idle();
    await syncRuns(this.bench.context);
    return this.run(runId);
  }

  async viaStepFunctions(
    tenantId: string,
    tables: readonly string[],
    mode: RunMode,
  ): Promise<string> {
    const runId = await this.start(tenantId, tables, mode);
    await this.settle(runId);
    return runId;
  }

  async locally(tenantId: string, tables: readonly string[], mode: RunMode): Promise<string> {
    overrideEnv({ ORCHESTRATOR: "local" });
    const { runId } = await startRun(this.bench.db, asked(tenantId, tables, mode));
    await executeRun(this.bench.context, runId);
    return runId;
  }

  async run(runId: string): Promise<Run> {
    const run = await findRun(this.bench.db, runId);
    if (run === undefined) throw new Error(`There is no run ${runId}.`);
    return run;
  }

  /** What has become of a run, without what differs between any two: times, ids, addresses, the tenant's name. */
  async outcome(runId: string): Promise<object> {
    const { db } = this.bench;
    const run = await this.run(runId);
    const { tenant_id: tenantId } = run;
    const same = <T>(value: T): T =>
      JSON.parse(
        JSON.stringify(value).replaceAll(tenantId, "TENANT").replaceAll(runId, "RUN"),
      ) as T;
    const rows = async (name: string, columns: string, order: string): Promise<unknown[]> =>
      db.rows(
        {
          name: "test.run-rows",
          params: { run_id: runId },
          sql: `SELECT ${columns} FROM ${name} FINAL WHERE run_id = {run_id:String} ORDER BY ${order}`,
        },
        TableRow,
      );
    const events = await this.bench.events(runId);
    const calls = await findTaskCalls(db, runId);
    return same({
      run: { status: run.status, error: run.error, tables: run.tables, mode: run.mode },
      tables: await rows(
        "run_tables",
        "* EXCEPT (run_id, tenant_id, version, started_at, finished_at, rows_per_second)",
        "table_name",
      ),
      steps: await rows("run_steps", "table_name, attempt, batch, step, status, error", "ALL"),
      batches: await rows(
        "batches",
        "* EXCEPT (run_id, tenant_id, version, published_at, seconds)",
        "table_name, batch",
      ),
      events: events.map(({ level, event, message }) => `${level} ${event} ${message}`).toSorted(),
      calls: calls
        .map(({ tableName, state, attempt, status, input, output, errorName, error }) =>
          JSON.stringify([
            tableName,
            state,
            attempt,
            status,
            fields(input),
            output,
            errorName,
            error,
          ]),
        )
        .toSorted(),
      deadLetters: (await this.bench.deadLetters(tenantId)).map((letter) => ({ ...letter })),
      histories: await Promise.all(
        run.tables.map(async (table) => this.bench.history(tenantId, table)),
      ),
      complaints: (
        await Promise.all(run.tables.map(async (table) => this.bench.complaints(tenantId, table)))
      ).flat(),
    });
  }
}

/** The members of a JSON object, in the order of their names. */
function fields(json: string): unknown[] {
  return Object.entries(JSON.parse(json) as object).toSorted(([a], [b]) => a.localeCompare(b));
}

function asked(
  tenantId: string,
  tables: readonly string[],
  mode: RunMode,
): Parameters<typeof startRun>[1] {
  return { tenantId, mode, tables, trigger: "cli", requestedBy: "test" };
}
