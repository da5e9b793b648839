import "server-only";
import {
  deadLetterContract,
  deadLetterGroupsContract,
  deadLettersContract,
} from "@/lib/contracts/dlq";
import type { DeadLetterFilter } from "@/server/analytics/dead-letter-filter";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { readDeadLetter, tenantOfDeadLetter } from "@/server/analytics/dead-letter-item";
import { readDeadLetters } from "@/server/analytics/dead-letter-list";
import { fleetOperation, tenantOperation } from "../operation";

interface Asked {
  readonly status: "open" | "replayed" | "discarded" | "superseded" | "any";
  readonly tenant?: string | undefined;
  readonly table?: string | undefined;
  readonly kind?: "record" | "object" | "run" | undefined;
}

function filterOf({ status, tenant, table, kind }: Asked): DeadLetterFilter {
  return {
    status: status === "any" ? undefined : status,
    tenantId: tenant,
    tableName: table,
    kind,
  };
}

export const readDeadLetterGroupsOperation = fleetOperation({
  permission: "dlq:read",
  input: deadLetterGroupsContract.input,
  perform: (_, { after, limit, ...asked }) =>
    readDeadLetterGroups({ ...filterOf(asked), after, limit }),
});

export const readDeadLettersOperation = fleetOperation({
  permission: "dlq:read",
  input: deadLettersContract.input,
  perform: (_, { after, limit, fingerprint, ...asked }) =>
    readDeadLetters({ ...filterOf(asked), fingerprint, after, limit }),
});

export const readDeadLetterOperation = tenantOperation({
  permission: "dlq:read",
  input: deadLetterContract.input,
  tenantOf: async (_, raw) =>
    typeof raw["id"] === "string" ? tenantOfDeadLetter(raw["id"]) : undefined,
  perform: ({ scope }, { id }) => readDeadLetter(scope, id),
});
