import { z } from "zod";
import { FIELD_CHARACTERS } from "@/lib/record/record-schema";
import { contract } from "./contract";
import { DEAD_LETTER_STATUSES, DeadLetterKind, FieldError } from "./dlq";
import { Instant, RunId, TenantId } from "./values";

const DeadLetterId = z.string().min(1).max(200);

/** How many dead letters can be picked one by one; more are chosen by a filter. */
export const MOST_PICKED = 1_000;

/** Either ids, or a selection that was frozen before. */
const chosen = {
  ids: z.array(DeadLetterId).min(1, "Choose at least one.").max(MOST_PICKED).optional(),
  selectionId: z.string().min(1).max(64).optional(),
};
const CHOSEN_ONE_WAY = { error: "Give either ids or a selectionId." };
function isChosenOneWay(input: Chosen): boolean {
  return (input.ids === undefined) !== (input.selectionId === undefined);
}
export interface Chosen {
  readonly ids?: readonly string[] | undefined;
  readonly selectionId?: string | undefined;
}

/** What to set on each record, by field; null takes the value away. */
const Edit = z
  .record(
    z.string().min(1).max(200),
    z.string().max(FIELD_CHARACTERS, `At most ${FIELD_CHARACTERS} characters.`).nullable(),
  )
  .default({});

/** Why; kept with the mend and in the audit. */
export const Reason = z
  .string()
  .trim()
  .min(3, "Say why, in a few words.")
  .max(500, "At most 500 characters.");

const MendReason = z.string().trim().max(500, "At most 500 characters.").default("");

/** What was chosen, as it stood when it was frozen. */
export const DeadLetterSelection = z.object({
  selectionId: z.string(),
  count: z.number(),
  records: z.number(),
  objects: z.number(),
  runs: z.number(),
  tables: z.array(z.string()),
});
export type DeadLetterSelection = z.infer<typeof DeadLetterSelection>;

export const VERDICT_KINDS = [
  "opens",
  "ends",
  "changes",
  "nothing",
  "waits",
  "runs",
  "fails",
] as const;
export const VerdictKind = z.enum(VERDICT_KINDS);
export type VerdictKind = z.infer<typeof VerdictKind>;

/** What replaying one dead letter would do. Versions are numbered as they would be afterwards, from 1. */
export const Verdict = z.object({
  id: z.string(),
  kind: VerdictKind,
  /** The version that the record would open, that it would close, that it would change in another way. */
  opens: z.number().nullable(),
  closes: z.number().nullable(),
  changes: z.number().nullable(),
  /** One sentence: "Would open version 3, close version 2". */
  words: z.string(),
  errors: z.array(FieldError),
});
export type Verdict = z.infer<typeof Verdict>;

/** A version before or after; `endsAt` is null while it is open. */
export const DryVersion = z.object({
  startsAt: Instant,
  endsAt: Instant.nullable(),
  /** Whether this replay would open it. */
  isNew: z.boolean(),
});
export type DryVersion = z.infer<typeof DryVersion>;

export const DryRunReply = z.object({
  asOf: Instant,
  count: z.number(),
  /** Dead letters whose replay would change something, would change nothing, would wait for their object, would fail again. */
  changing: z.number(),
  nothing: z.number(),
  waiting: z.number(),
  failing: z.number(),
  seconds: z.number(),
  /** The first 200. */
  verdicts: z.array(Verdict),
  /** Of a single record that would pass: its entity's versions before and after, and what its own version changes. */
  detail: z
    .object({
      before: z.array(DryVersion),
      after: z.array(DryVersion),
      fields: z.array(
        z.object({
          field: z.string(),
          before: z.string().nullable(),
          after: z.string().nullable(),
        }),
      ),
    })
    .nullable(),
});
export type DryRunReply = z.infer<typeof DryRunReply>;

export const ReplayReply = z.object({
  /** The replay run of the records and objects; null where there was none to start. */
  runId: RunId.nullable(),
  /** Runs that died and are carried out again. */
  rerunIds: z.array(RunId),
  count: z.number(),
});
export type ReplayReply = z.infer<typeof ReplayReply>;

export const freezeDeadLettersContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/dlq/selections",
  summary: "Freeze what a filter of dead letters matches now",
  params: { tenant: "tenantId" },
  input: z.strictObject({
    tenantId: TenantId,
    status: z.enum([...DEAD_LETTER_STATUSES, "any"]).default("open"),
    table: z.string().max(200).optional(),
    kind: DeadLetterKind.optional(),
    fingerprint: z.string().max(200).optional(),
  }),
  reply: DeadLetterSelection,
});

export const dryRunContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/dlq/dry-run",
  summary: "Say what replaying dead letters would do, without writing",
  params: { tenant: "tenantId" },
  input: z
    .strictObject({ tenantId: TenantId, ...chosen, edit: Edit })
    .refine(isChosenOneWay, CHOSEN_ONE_WAY),
  reply: DryRunReply,
});

export const replayContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/dlq/replay",
  summary: "Replay dead letters, edited or as they came",
  params: { tenant: "tenantId" },
  input: z
    .strictObject({ tenantId: TenantId, ...chosen, edit: Edit, reason: MendReason })
    .refine(isChosenOneWay, CHOSEN_ONE_WAY),
  reply: ReplayReply,
});

export const discardContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/dlq/discard",
  summary: "Discard open dead letters",
  params: { tenant: "tenantId" },
  input: z
    .strictObject({ tenantId: TenantId, ...chosen, reason: Reason })
    .refine(isChosenOneWay, CHOSEN_ONE_WAY),
  reply: z.object({ discarded: z.number() }),
});

/** Days that closed dead letters are kept. */
export const RETENTION_DAYS = { least: 1, most: 3_650, default: 90 } as const;

export const retentionContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/dlq/retention",
  summary: "Set how long a tenant's closed dead letters are kept",
  params: { tenant: "tenantId" },
  input: z.strictObject({
    tenantId: TenantId,
    days: z
      .number("Give a whole number.")
      .int("Give a whole number.")
      .min(RETENTION_DAYS.least, `At least ${RETENTION_DAYS.least}.`)
      .max(RETENTION_DAYS.most, `At most ${RETENTION_DAYS.most}.`),
  }),
  reply: z.object({ before: z.number(), days: z.number() }),
});
