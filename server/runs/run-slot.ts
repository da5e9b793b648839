import { createHash } from "node:crypto";

import { encodeTime } from "ulid";

/** What a run that starts by itself is the answer to: equal slots have the same run. */
export interface RunSlot {
  readonly tenantId: string;
  /** ms UTC, not in the future. */
  readonly at: number;
  /** What else must be equal. */
  readonly cause: string;
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The run's id: a ULID of the slot's time whose other part is made of the slot instead of chance. */
export function slotRunId({ tenantId, at, cause }: RunSlot): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([tenantId, at, cause]))
    .digest();
  const letters = Array.from(digest.subarray(0, 16), (byte) => ALPHABET[byte % 32] ?? "0");
  return encodeTime(at, 10) + letters.join("");
}

/** The version of the row that queues the run: older than whatever was written of the run since, so that a second start undoes nothing. */
export function slotVersion({ at }: RunSlot): string {
  return String(BigInt(Math.floor(at)) * 1000n);
}
