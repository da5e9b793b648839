import "server-only";
import { ulid } from "ulid";
import { z } from "zod";
import { entityOf } from "@/lib/catalog";
import type { Chosen, ReplayReply } from "@/lib/contracts/dlq-commands";
import type { RecordEdit } from "@/lib/record/apply-edit";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import { redriveRun } from "@/server/orchestrators/redrive-run";
import { LoadMode, findRun } from "@/server/runs/run-store";
import { startRun } from "@/server/runs/start-run";
import { type TenantScope, assertTenantScope } from "@/server/tenant-scope";
import { checkEdit } from "./check-edit";
import { type ChosenLetter, readChosen, readRaws } from "./chosen-letters";
import { closeLetters } from "./close-letters";
import { selectionOf } from "./selection";
import { writeItems } from "./write-items";

export interface ReplayInput extends Chosen {
  readonly edit: RecordEdit;
  /** Why; kept with the mends. */
  readonly reason: string;
}

/** Who asks, for the run and the mends. */
export interface Requester {
  readonly requestedBy: string;
  /** console, api or cli. */
  readonly trigger: string;
}

/**
 * Replays dead letters: records and objects by one run of mode `replay`, runs that died by running their tables again. The
 * run is queued; a worker carries it out.
 *
 * @throws AppError `invalid-input` where the edit is not valid, `conflict` where nothing that was chosen can be replayed
 */
export async function replayDeadLetters(
  db: Db,
  scope: TenantScope,
  input: ReplayInput,
  who: Requester,
): Promise<ReplayReply> {
  assertTenantScope(scope);
  const selection = await selectionOf(db, scope, input, who.requestedBy);
  const letters = replayable(await readChosen(db, scope, selection.selectionId));
  await checkEdit(db, scope, letters, input.edit);
  const tried = letters.filter((letter) => letter.kind !== "run");
  let runId: string | null = null;
  if (tried.length > 0) {
    runId = ulid();
    await writeItems(
      db,
      scope,
      { table: "replay_items", runId, ...input, ...who },
      tried,
      input.edit,
    );
    await startRun(db, {
      runId,
      tenantId: scope.tenantId,
      mode: "replay",
      tables: [...new Set(tried.map((letter) => letter.tableName))],
      ...who,
    });
  }
  const died = letters.filter((letter) => letter.kind === "run");
  return { runId, rerunIds: await runAgain(db, scope, died, who), count: letters.length };
}

/**
 * What of the chosen can be replayed: not what the store no longer holds.
 *
 * @throws AppError `conflict` where that is nothing
 */
export function replayable(letters: readonly ChosenLetter[]): ChosenLetter[] {
  const left = letters.filter(
    (letter) =>
      letter.status !== "superseded" &&
      (letter.kind === "run" || entityOf(letter.tableName) !== undefined) &&
      (letter.kind !== "run" || letter.status === "open"),
  );
  if (left.length > 0) return left;
  const [first] = letters;
  const why =
    first?.status === "superseded"
      ? "The store no longer holds what failed, so there is nothing to replay."
      : first?.kind === "run"
        ? "The run was carried out again already."
        : "What failed belongs to no table of the catalogue. Add the table, or discard the dead letter.";
  throw new AppError("conflict", why);
}

const Died = z.object({
  run_id: z.string(),
  mode: z.string(),
  tables: z.array(z.string()),
});

/** Whether a run that died as an execution of Step Functions goes on from where it failed. */
async function isRedriven(
  db: Db,
  scope: TenantScope,
  runId: string,
  { requestedBy }: Requester,
): Promise<boolean> {
  const run = await findRun(db, runId);
  if (run?.tenant_id !== scope.tenantId || run.orchestrator !== "stepfunctions") return false;
  try {
    await redriveRun(db, { runId, requestedBy });
    return true;
  } catch (error) {
    // An execution that is too old, or that came to its end, cannot go on; a new run can do its work.
    if (error instanceof AppError && error.code === "conflict") return false;
    throw error;
  }
}

/** Starts the runs of dead letters of kind `run` again, one for each mode and set of tables. */
async function runAgain(
  db: Db,
  scope: TenantScope,
  letters: readonly ChosenLetter[],
  who: Requester,
): Promise<string[]> {
  const wanted = new Map<string, { mode: LoadMode; tables: string[]; ids: string[] }>();
  const runIds: string[] = [];
  for await (const { letter, raw } of readRaws(db, scope, letters)) {
    const asked = Died.parse(JSON.parse(raw));
    if (letter.tableName === "" && (await isRedriven(db, scope, asked.run_id, who))) {
      runIds.push(asked.run_id);
      continue;
    }
    // A replay that died left its dead letters open; what else it was is loaded by an increment.
    const mode = LoadMode.safeParse(asked.mode).data ?? "incremental";
    const tables = letter.tableName === "" ? asked.tables : [letter.tableName];
    const key = JSON.stringify([mode, tables]);
    const run = wanted.get(key) ?? { mode, tables, ids: [] };
    run.ids.push(letter.id);
    wanted.set(key, run);
  }
  for (const { mode, tables, ids } of wanted.values()) {
    const { runId } = await startRun(db, { tenantId: scope.tenantId, mode, tables, ...who });
    await closeLetters(db, scope, ids, {
      status: "replayed",
      by: who.requestedBy,
      resolution: `Carried out again as run ${runId}`,
    });
    runIds.push(runId);
  }
  return runIds;
}
