import type { Db } from "@/server/clickhouse/client";
import type { DeadLetterSelection } from "@/lib/contracts/dlq-commands";
import { plural } from "@/lib/format";
import { freezeDeadLettersOperation } from "@/server/pipeline/operations/dead-letters";

import { carryOutForVerb } from "./carry-out-for-verb";
import { filterOf, tenantOf } from "./dlq-flags";
import { type CliContext, UsageError } from "./verb";

type Chosen = { readonly ids: string[] } | { readonly selectionId: string };

/**
 * What a call is about: the ids that were named, or, with `--all`, what the filter matches now.
 *
 * @param all the flag
 * @throws UsageError where neither is given, or both
 */
export async function chooseForVerb(
  context: Pick<CliContext, "positionals" | "say"> & {
    readonly flags: Parameters<typeof filterOf>[0];
  },
  db: Db,
  all: boolean,
): Promise<{ tenantId: string; chosen: Chosen }> {
  const tenantId = tenantOf(context.flags);
  const ids = [...context.positionals];
  if (ids.length > 0 && all) throw new UsageError("Name ids or give --all, not both.");
  if (ids.length > 0) return { tenantId, chosen: { ids } };
  if (!all)
    throw new UsageError("Name the ids, or give --all to take everything that the filter matches.");
  const selection: DeadLetterSelection = await carryOutForVerb(db, freezeDeadLettersOperation, {
    tenantId,
    ...filterOf(context.flags),
  });
  context.say(`${plural(selection.count, "dead letter")} of ${selection.tables.join(", ")}.`);
  return { tenantId, chosen: { selectionId: selection.selectionId } };
}
