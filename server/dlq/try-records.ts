import "server-only";
import type { Entity } from "@/lib/catalog";
import type { DryRunReply, DryVersion, Verdict } from "@/lib/contracts/dlq-commands";
import type { RecordEdit } from "@/lib/record/apply-edit";
import { verdictWords } from "@/lib/record/verdict-words";
import { type ReplayEffects, readContents, readEffects } from "@/server/scd2/replay-effects";
import { prepareReplay } from "@/server/scd2/replay-rows";
import { type TableWork, stagingTables } from "@/server/scd2/table-work";
import type { TenantScope } from "@/server/tenant-scope";
import type { ChosenLetter } from "./chosen-letters";
import type { DryContext } from "./dry-run";
import { inStaging } from "./in-staging";
import { type Effect, effectsOf, recordKey } from "./verdicts";
import { writeItems } from "./write-items";

/** Nobody follows a dry run. */
const nobody = { step: async <T>(_step: string, _batch: number, act: () => Promise<T>) => act() };

/**
 * Lets records of one table go through validation and merge without publishing.
 *
 * @param withDetail also reads the versions and values of the one record there is
 */
export async function tryRecords(
  context: DryContext,
  scope: TenantScope,
  entity: Entity,
  letters: readonly ChosenLetter[],
  edit: RecordEdit,
  withDetail: boolean,
): Promise<{ verdicts: Verdict[]; detail: DryRunReply["detail"] }> {
  return inStaging(context, scope, entity, async (work) => {
    const { items: table } = stagingTables(work);
    await context.db.command({
      name: "dlq.dry-run.items",
      sql: `CREATE TABLE ${table} AS replay_items`,
    });
    const frame = { table, runId: work.runId, requestedBy: "", reason: "" };
    await writeItems(context.db, scope, frame, letters, edit);
    const { failed } = await prepareReplay(work, nobody, 1, { table, runId: work.runId }, true);
    const effects = await readEffects(work);
    const effectOf = effectsOf(effects.records, effects.before, effects.after);
    const failedOf = new Map(
      failed.map(({ object_key, source_row, errors }) => [
        recordKey({ object: object_key, row: source_row }),
        errors,
      ]),
    );
    const verdicts = letters.map((letter): Verdict => {
      const key = recordKey({ object: letter.objectKey, row: letter.sourceRow });
      const errors = failedOf.get(key) ?? [];
      const effect: Effect = effectOf.get(key) ?? {
        kind: errors.length > 0 ? "fails" : "waits",
        opens: null,
        closes: null,
        changes: null,
      };
      return { id: letter.id, ...effect, errors, words: verdictWords({ ...effect, errors }) };
    });
    const [only] = verdicts;
    return {
      verdicts,
      detail:
        withDetail && only !== undefined && effects.records.length === 1
          ? await detailOf(work, only, effects)
          : null,
    };
  });
}

async function detailOf(
  work: TableWork,
  verdict: Verdict,
  { records, before, after }: ReplayEffects,
): Promise<NonNullable<DryRunReply["detail"]>> {
  const byStart = (versions: ReplayEffects["after"]): ReplayEffects["after"][number][] =>
    versions.toSorted((a, b) => a.starts - b.starts);
  const former = new Set(before.map((version) => version.starts));
  const shown = ({ starts, ends }: ReplayEffects["after"][number]): DryVersion => ({
    startsAt: new Date(starts).toISOString(),
    endsAt: ends === null ? null : new Date(ends).toISOString(),
    isNew: !former.has(starts),
  });
  const now = byStart(after);
  const at = verdict.opens ?? verdict.changes;
  const opened = at === null ? undefined : now[at - 1];
  const previous = at === null ? undefined : now[at - 2];
  const contents =
    opened === undefined || records[0] === undefined
      ? undefined
      : await readContents(work, records[0].id, opened.starts, previous?.starts);
  return {
    before: byStart(before).map(shown),
    after: now.map(shown),
    fields:
      contents === undefined
        ? []
        : work.entity.columns
            .map(({ name }) => ({
              field: name,
              before: contents.previous[name] ?? null,
              after: contents.opened[name] ?? null,
            }))
            .filter((field) => field.before !== field.after),
  };
}
