import "server-only";
import type { Entity } from "@/lib/catalog";
import type { Verdict } from "@/lib/contracts/dlq-commands";
import { formatBytes, plural } from "@/lib/format";
import { auditStage } from "@/server/scd2/audit";
import type { DeadObject } from "@/server/scd2/dead-objects";
import { discover } from "@/server/scd2/discover";
import { stageWhole } from "@/server/scd2/stage-whole";
import type { TenantScope } from "@/server/tenant-scope";
import type { ChosenLetter } from "./chosen-letters";
import type { DryContext } from "./dry-run";
import { inStaging } from "./in-staging";

/** A dry run reads no more than this; what is larger is only tried by the replay itself. */
const BYTES_TRIED = 64 * 1024 * 1024;

const NOTHING = { opens: null, closes: null, changes: null };

/** Reads objects that could not be taken in again, without publishing. */
export async function tryObjects(
  context: DryContext,
  scope: TenantScope,
  entity: Entity,
  letters: readonly ChosenLetter[],
): Promise<Verdict[]> {
  return inStaging(context, scope, entity, async (work) => {
    const keys = new Set(letters.map((letter) => letter.objectKey));
    const found = await discover(work, "incremental", keys);
    const listed = [...found.objects, ...found.extracts.flatMap((extract) => extract.objects)];
    const byKey = new Map(listed.map((object) => [object.key, object]));
    const verdicts: Verdict[] = [];
    for (const letter of letters) {
      const object = byKey.get(letter.objectKey);
      const dead = found.dead.find((one) => one.key === letter.objectKey);
      if (object === undefined) verdicts.push(failing(letter, dead));
      else if (object.bytes > BYTES_TRIED) {
        const words = `Would be read again; ${formatBytes(object.bytes)} are too much to try before`;
        verdicts.push({ id: letter.id, kind: "runs", ...NOTHING, words, errors: [] });
      } else {
        const staged = await stageWhole(work, [object]);
        const [fault] = staged.dead;
        if (fault !== undefined) verdicts.push(failing(letter, fault));
        else {
          const { read, rejected } = await auditStage(work, 0);
          const words = `Would take in ${plural(read - rejected, "record")}${rejected === 0 ? "" : `, reject ${rejected}`}`;
          verdicts.push({ id: letter.id, kind: "changes", ...NOTHING, words, errors: [] });
        }
      }
    }
    return verdicts;
  });
}

function failing(letter: ChosenLetter, dead: DeadObject | undefined): Verdict {
  const message =
    dead?.message ??
    "It is not in the store any more, or belongs to an extract of which another object failed too";
  return {
    id: letter.id,
    kind: "fails",
    ...NOTHING,
    words: `Would fail again: ${message.replace(/\.$/, "")}`,
    errors: [{ field: "", rule: dead?.cause ?? "vanished", message, value: "" }],
  };
}
