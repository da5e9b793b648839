import { z } from "zod";

import { TENANT_ID } from "@/server/canonical/object-key";

const TenantId = z.string().regex(TENANT_ID);

/** A canonical object that landed, as the rule of EventBridge writes it. */
const Landed = z.object({ kind: z.literal("object"), object_key: z.string() });
/** A run that failed for good, moved here from the queue of dead letters; or a tenant that was busy. */
const OfTenant = z.object({
  kind: z.enum(["run", "tenant"]),
  tenant_id: TenantId,
  /** How often it was put off. */
  put_off: z.number().int().min(0).default(0),
});

export interface IncrementRequest {
  readonly tenantId: string;
  readonly putOff: number;
}

/**
 * Reads a message of the queue that asks for increments.
 *
 * @returns undefined for an object that is not a tenant's canonical one
 * @throws Error where the message is of no kind that is known
 */
export function readIncrementMessage(body: string): IncrementRequest | undefined {
  const json: unknown = JSON.parse(body);
  const ofTenant = OfTenant.safeParse(json);
  if (ofTenant.success) {
    return { tenantId: ofTenant.data.tenant_id, putOff: ofTenant.data.put_off };
  }
  const { object_key } = Landed.parse(json);
  const [tenantId, canonical] = object_key.split("/");
  if (canonical !== "canonical" || !TENANT_ID.test(tenantId ?? "")) return undefined;
  return { tenantId: tenantId ?? "", putOff: 0 };
}

/** The message that asks for the same later. */
export function putOffMessage({ tenantId, putOff }: IncrementRequest): string {
  return JSON.stringify({ kind: "tenant", tenant_id: tenantId, put_off: putOff + 1 });
}
