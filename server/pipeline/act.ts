import "server-only";
import type { z } from "zod";
import type { ActionResult } from "@/lib/contracts/problem";
import { requireSession } from "@/server/auth/session";
import { getDb } from "@/server/clickhouse/client";
import { carryOut } from "./carry-out";
import type { Operation } from "./operation";

/**
 * The door for buttons: what an exported server action calls. A server action is a public endpoint, so its arguments are
 * as strange as any request's; the pipeline checks them. Next itself refuses an action called from another site.
 */
export async function act<Input extends z.ZodType, Output>(
  operation: Operation<Input, Output>,
  given: unknown,
): Promise<ActionResult<Output>> {
  return carryOut(
    operation,
    { actor: (fresh) => requireSession({ fresh }), db: () => getDb() },
    given,
  );
}
