import "server-only";
import {
  deadLetterContract,
  deadLetterGroupsContract,
  deadLettersContract,
} from "@/lib/contracts/dlq";
import { asDeadLetterFilter } from "@/server/analytics/dead-letter-filter";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { readDeadLetter, tenantOfDeadLetter } from "@/server/analytics/dead-letter-item";
import { readDeadLetters } from "@/server/analytics/dead-letter-list";
import { fleetOperation, tenantOperation } from "../operation";

export const readDeadLetterGroupsOperation = fleetOperation({
  permission: "dlq:read",
  input: deadLetterGroupsContract.input,
  perform: (_, { after, limit, ...asked }) =>
    readDeadLetterGroups({ ...asDeadLetterFilter(asked), after, limit }),
});

export const readDeadLettersOperation = fleetOperation({
  permission: "dlq:read",
  input: deadLettersContract.input,
  perform: (_, { after, limit, fingerprint, ...asked }) =>
    readDeadLetters({ ...asDeadLetterFilter(asked), fingerprint, after, limit }),
});

export const readDeadLetterOperation = tenantOperation({
  permission: "dlq:read",
  input: deadLetterContract.input,
  tenantOf: async (_, raw) =>
    typeof raw["id"] === "string" ? tenantOfDeadLetter(raw["id"]) : undefined,
  perform: ({ scope }, { id }) => readDeadLetter(scope, id),
});
