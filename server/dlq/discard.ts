import "server-only";
import type { Chosen } from "@/lib/contracts/dlq-commands";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import type { TenantScope } from "@/server/tenant-scope";
import { readChosen } from "./chosen-letters";
import { closeLetters } from "./close-letters";
import { selectionOf } from "./selection";

const IDS_AT_ONCE = 2_000;

/**
 * Discards open dead letters: what was rejected stays out, and is not shown as open again when a load meets it.
 *
 * @throws AppError `conflict` where none of the chosen is open
 */
export async function discardDeadLetters(
  db: Db,
  scope: TenantScope,
  input: Chosen & { readonly reason: string },
  discardedBy: string,
): Promise<{ discarded: number }> {
  const selection = await selectionOf(db, scope, input, discardedBy);
  const letters = await readChosen(db, scope, selection.selectionId);
  const ids = letters.filter((letter) => letter.status === "open").map((letter) => letter.id);
  let discarded = 0;
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
    discarded += await closeLetters(db, scope, ids.slice(start, start + IDS_AT_ONCE), {
      status: "discarded",
      by: discardedBy,
      resolution: input.reason,
    });
  }
  if (discarded === 0)
    throw new AppError("conflict", "None of these dead letters is open, so none was discarded.");
  return { discarded };
}
