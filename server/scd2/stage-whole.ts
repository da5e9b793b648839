import type { Batch } from "./batches";
import type { DeadObject } from "./dead-objects";
import type { BatchObject } from "./stage";
import { type OnStatement, type StageResult, stageBatch } from "./stage-batch";
import type { TableWork } from "./table-work";

/** Stages a batch; the rest of an extract with an object that cannot be read is left out with it. */
export async function stageWhole(
  work: TableWork,
  objects: readonly BatchObject[],
  onStatement?: OnStatement,
): Promise<StageResult> {
  const result = await stageBatch(work, objects, onStatement);
  const deadKeys = new Set(result.dead.map((object) => object.key));
  const held = new Set(
    objects.flatMap((object) =>
      object.extractAt !== undefined && deadKeys.has(object.key) ? [object.extractAt] : [],
    ),
  );
  if (held.size === 0) return result;
  const rest = objects.filter(
    (object) =>
      !deadKeys.has(object.key) && !(object.extractAt !== undefined && held.has(object.extractAt)),
  );
  const again = await stageBatch(work, rest, onStatement);
  return { ...again, dead: [...result.dead, ...again.dead] };
}

/**
 * Which of a batch's extracts count: not those with an object missing, and not those that list nameless records.
 *
 * @param blindExtracts extracts with rows whose id cannot be read, ms UTC
 */
export function judgeExtracts(
  batch: Batch,
  dead: readonly DeadObject[],
  blindExtracts: readonly number[],
): { counted: number[]; blind: number[] } {
  const deadKeys = new Set(dead.map((object) => object.key));
  const held = new Set(
    batch.objects.filter((object) => deadKeys.has(object.key)).map((object) => object.extractAt),
  );
  const whole = batch.extracts.filter((at) => !held.has(at));
  return {
    counted: whole.filter((at) => !blindExtracts.includes(at)),
    blind: whole.filter((at) => blindExtracts.includes(at)),
  };
}
