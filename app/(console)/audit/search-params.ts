import { createLoader, createSerializer, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from "@/lib/contracts/audit";

/** What the audit's address holds: the filters, and where the page begins. */
export const auditParams = {
  actor: parseAsString,
  action: parseAsStringLiteral(AUDIT_ACTIONS),
  outcome: parseAsStringLiteral(AUDIT_OUTCOMES),
  tenant: parseAsString,
  after: parseAsString,
};

export const loadAuditParams = createLoader(auditParams);

/** The address of the audit with these filters. */
export const auditHref = createSerializer(auditParams, { clearOnDefault: true });

/** The filters of the audit, as read from its address; null where there is none. */
export type AuditParams = Awaited<ReturnType<typeof loadAuditParams>>;
