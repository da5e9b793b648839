import "server-only";
import { entityOf } from "@/lib/catalog";
import type { Chosen, DryRunReply, Verdict } from "@/lib/contracts/dlq-commands";
import { groupBy } from "@/lib/group-by";
import type { RecordEdit } from "@/lib/record/apply-edit";
import { verdictWords } from "@/lib/record/verdict-words";
import type { RunContext } from "@/server/runs/run-context";
import { type TenantScope, assertTenantScope } from "@/server/tenant-scope";
import { checkEdit } from "./check-edit";
import { readChosen } from "./chosen-letters";
import { replayable } from "./replay";
import { selectionOf } from "./selection";
import { tryObjects } from "./try-objects";
import { tryRecords } from "./try-records";

const VERDICTS_SHOWN = 200;

/** What a dry run needs of the engine. */
export type DryContext = Pick<RunContext, "db" | "store" | "maxMemoryBytes">;

/**
 * Says of each chosen dead letter what replaying it would do, all of them together: records go through the real validation
 * and merge, in staging tables that are dropped; nothing is published.
 *
 * @throws AppError as `replayDeadLetters` does
 */
export async function dryRunDeadLetters(
  context: DryContext,
  scope: TenantScope,
  input: Chosen & { readonly edit: RecordEdit },
  askedBy: string,
): Promise<DryRunReply> {
  assertTenantScope(scope);
  const started = performance.now();
  const { db } = context;
  const selection = await selectionOf(db, scope, input, askedBy);
  const letters = replayable(await readChosen(db, scope, selection.selectionId));
  await checkEdit(db, scope, letters, input.edit);
  const verdicts: Verdict[] = [];
  let detail: DryRunReply["detail"] = null;
  for (const [tableName, own] of groupBy(letters, (letter) => letter.tableName)) {
    const entity = entityOf(tableName);
    const records = own.filter((letter) => letter.kind === "record");
    const objects = own.filter((letter) => letter.kind === "object");
    if (entity !== undefined && records.length > 0) {
      const tried = await tryRecords(
        context,
        scope,
        entity,
        records,
        input.edit,
        letters.length === 1,
      );
      verdicts.push(...tried.verdicts);
      detail = tried.detail;
    }
    if (entity !== undefined && objects.length > 0)
      verdicts.push(...(await tryObjects(context, scope, entity, objects)));
    const nothing = { opens: null, closes: null, changes: null, errors: [] };
    for (const letter of own)
      if (letter.kind === "run")
        verdicts.push({
          id: letter.id,
          kind: "runs",
          ...nothing,
          words: verdictWords({ kind: "runs", ...nothing }),
        });
  }
  const count = (...kinds: Verdict["kind"][]): number =>
    verdicts.filter((verdict) => kinds.includes(verdict.kind)).length;
  return {
    asOf: new Date().toISOString(),
    count: verdicts.length,
    changing: count("opens", "ends", "changes", "runs"),
    nothing: count("nothing"),
    waiting: count("waits"),
    failing: count("fails"),
    seconds: (performance.now() - started) / 1000,
    verdicts: verdicts.slice(0, VERDICTS_SHOWN),
    detail,
  };
}
