import "server-only";
import {
  discardContract,
  type DeadLetterSelection,
  dryRunContract,
  type DryRunReply,
  freezeDeadLettersContract,
  replayContract,
  type ReplayReply,
  retentionContract,
} from "@/lib/contracts/dlq-commands";
import { asDeadLetterFilter } from "@/server/analytics/dead-letter-filter";
import { openCanonicalStore } from "@/server/canonical/open-store";
import { discardDeadLetters } from "@/server/dlq/discard";
import { dryRunDeadLetters } from "@/server/dlq/dry-run";
import { replayDeadLetters } from "@/server/dlq/replay";
import { setRetention } from "@/server/dlq/retention";
import { freezeSelection } from "@/server/dlq/selection";
import { env } from "@/server/env";
import { runContext } from "@/server/runs/run-context";
import { type Operation, type Raw, tenantOperation } from "../operation";

/** What an attempt was about: one dead letter, several, or a selection. */
function target(raw: Raw): unknown {
  const { ids, selectionId } = raw;
  if (typeof selectionId === "string") return selectionId;
  if (!Array.isArray(ids)) return undefined;
  return ids.length === 1 ? ids[0] : `${ids.length} dead letters`;
}

/** Freezes what a filter matches now. */
export const freezeDeadLettersOperation: Operation<
  typeof freezeDeadLettersContract.input,
  DeadLetterSelection
> = tenantOperation({
  permission: "dlq:replay",
  input: freezeDeadLettersContract.input,
  perform: ({ db, scope, actor }, { fingerprint, ...asked }) =>
    freezeSelection(
      db,
      scope,
      { filter: { ...asDeadLetterFilter(asked), fingerprint } },
      actor.username,
    ),
});

/** Says what a replay would do. */
export const dryRunOperation: Operation<typeof dryRunContract.input, DryRunReply> = tenantOperation(
  {
    permission: "dlq:replay",
    input: dryRunContract.input,
    perform: ({ db, scope, actor }, input) =>
      dryRunDeadLetters(
        runContext(db, openCanonicalStore(), {
          serverMemoryBytes: env().CLICKHOUSE_MAX_MEMORY_BYTES,
        }),
        scope,
        input,
        actor.username,
      ),
  },
);

/**
 * Replays dead letters.
 *
 * @param trigger who asks, for the run's own record
 */
export function replayOperation(
  trigger: "console" | "api" | "cli",
): Operation<typeof replayContract.input, ReplayReply> {
  return tenantOperation({
    action: "dlq:replay",
    permission: "dlq:replay",
    input: replayContract.input,
    target,
    perform: ({ db, scope, actor }, input) =>
      replayDeadLetters(db, scope, input, { requestedBy: actor.username, trigger }),
    record: ({ edit, reason, ids }, { runId, rerunIds, count }) => ({
      target: runId ?? rerunIds.join(" "),
      after: {
        count,
        edit,
        ...(reason === "" ? {} : { reason }),
        ...(ids?.length === 1 ? { record: ids[0] } : {}),
      },
    }),
  });
}

/** Discards open dead letters, with a reason. */
export const discardOperation: Operation<typeof discardContract.input, { discarded: number }> =
  tenantOperation({
    action: "dlq:discard",
    permission: "dlq:discard",
    input: discardContract.input,
    target,
    perform: ({ db, scope, actor }, input) => discardDeadLetters(db, scope, input, actor.username),
    record: ({ ids, selectionId, reason }, { discarded }) => ({
      target: selectionId ?? (ids?.length === 1 ? (ids[0] ?? "") : `${discarded} dead letters`),
      after: { discarded, reason },
    }),
  });

/** Sets how long closed dead letters are kept. */
export const retentionOperation: Operation<
  typeof retentionContract.input,
  { before: number; days: number }
> = tenantOperation({
  action: "dlq:retention",
  permission: "tenant:manage",
  input: retentionContract.input,
  perform: ({ db, scope, actor }, { days }) => setRetention(db, scope, days, actor.username),
  record: (_input, { before, days }) => ({ before: `${before} days`, after: `${days} days` }),
});
