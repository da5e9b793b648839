import { tableNames } from "@/lib/catalog";
import {
  DEAD_LETTER_KINDS,
  DEAD_LETTER_STATUSES,
  type DeadLetterKind,
  type DeadLetterStatus,
} from "@/lib/contracts/dlq";
import type { RecordEdit } from "@/lib/record/apply-edit";

import { UsageError, type Flag, required } from "./verb";

const STATUSES = [...DEAD_LETTER_STATUSES, "any"] as const;

/** Which dead letters are meant. */
export const filterFlags = {
  tenant: { type: "string", value: "TENANT", help: "Tenant id" },
  table: { type: "string", value: "TABLE", help: `One of ${tableNames.join(", ")}` },
  kind: { type: "string", value: DEAD_LETTER_KINDS.join("|"), help: "What failed" },
  status: { type: "string", value: STATUSES.join("|"), help: "Default: open" },
  fingerprint: { type: "string", value: "HEX", help: "Failures that are alike" },
} as const satisfies Record<string, Flag>;

interface FilterValues {
  readonly tenant: string | undefined;
  readonly table: string | undefined;
  readonly kind: string | undefined;
  readonly status: string | undefined;
  readonly fingerprint: string | undefined;
}

/** The filter of a call. @throws UsageError where a value is none of those there are */
export function filterOf(flags: FilterValues): {
  status: DeadLetterStatus | "any";
  table?: string;
  kind?: DeadLetterKind;
  fingerprint?: string;
} {
  const status = oneOf(STATUSES, flags.status ?? "open", "status");
  return {
    status,
    ...(flags.table === undefined ? {} : { table: flags.table }),
    ...(flags.kind === undefined ? {} : { kind: oneOf(DEAD_LETTER_KINDS, flags.kind, "kind") }),
    ...(flags.fingerprint === undefined ? {} : { fingerprint: flags.fingerprint }),
  };
}

function oneOf<const Word extends string>(
  words: readonly Word[],
  given: string,
  flag: string,
): Word {
  const found = words.find((word) => word === given);
  if (found === undefined) throw new UsageError(`--${flag} must be one of ${words.join(", ")}.`);
  return found;
}

/** The tenant of a call that writes. @throws UsageError where it is missing */
export function tenantOf(flags: FilterValues): string {
  return required(flags.tenant, "tenant");
}

/**
 * What `--set field=value` and `--unset field` ask for.
 *
 * @throws UsageError where one has no field, or a field is named twice
 */
export function editOfFlags(set: readonly string[], unset: readonly string[]): RecordEdit {
  const edit = new Map<string, string | null>();
  const add = (field: string, value: string | null): void => {
    if (edit.has(field)) throw new UsageError(`The field ${field} is named twice.`);
    edit.set(field, value);
  };
  for (const pair of set) {
    const at = pair.indexOf("=");
    if (at <= 0) throw new UsageError(`--set ${pair}: give it as FIELD=VALUE.`);
    add(pair.slice(0, at), pair.slice(at + 1));
  }
  for (const field of unset) add(field, null);
  return Object.fromEntries(edit);
}
