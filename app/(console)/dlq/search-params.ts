import { createSerializer, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { tableNames } from "@/lib/catalog";
import { DEAD_LETTER_KINDS, DEAD_LETTER_STATUSES } from "@/lib/contracts/dlq";

/** Which dead letters: open ones unless another status, or any of them, is asked for. */
export const STATUS_CHOICES = [...DEAD_LETTER_STATUSES, "any"] as const;

/** What the dead letters keep in their address: the filter, the group that is open, the places in both lists. */
export const dlqParams = {
  status: parseAsStringLiteral(STATUS_CHOICES).withDefault("open"),
  tenant: parseAsString,
  table: parseAsStringLiteral(tableNames),
  kind: parseAsStringLiteral(DEAD_LETTER_KINDS),
  group: parseAsString,
  after: parseAsString,
  items: parseAsString,
};

/** The page's address with its state. */
export const dlqHref = createSerializer(dlqParams);

export interface DlqState {
  status: (typeof STATUS_CHOICES)[number];
  tenant: string | null;
  table: string | null;
  kind: (typeof DEAD_LETTER_KINDS)[number] | null;
  group: string | null;
  after: string | null;
  items: string | null;
}

function filterOf(state: DlqState) {
  return {
    status: state.status,
    tenant: state.tenant === null || state.tenant === "" ? undefined : state.tenant,
    table: state.table ?? undefined,
    kind: state.kind ?? undefined,
  };
}

/** The input of the read of groups for what is in the address. */
export function groupsInput(state: DlqState) {
  return { ...filterOf(state), after: state.after };
}

/** The input of the read of a group's records. */
export function itemsInput(state: DlqState, fingerprint: string) {
  return { ...filterOf(state), fingerprint, after: state.items };
}
