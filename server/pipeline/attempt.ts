import "server-only";
import type { ActionResult } from "@/lib/contracts/problem";
import { newReferenceId, toProblem } from "@/server/errors";
import { log } from "@/server/log";

/**
 * Runs a read of a page whose permission was checked, and turns a failure into a problem that the page can show in its
 * place.
 *
 * @param what for the log
 */
export async function attempt<Value>(
  what: string,
  read: () => Promise<Value>,
): Promise<ActionResult<Value>> {
  const referenceId = newReferenceId();
  try {
    return { ok: true, value: await read(), referenceId };
  } catch (error) {
    const problem = toProblem(error, referenceId);
    const detail = error instanceof Error && "detail" in error ? String(error.detail) : undefined;
    if (problem.status >= 500)
      log().error({ err: error, detail, referenceId, what }, "read failed");
    return { ok: false, problem };
  }
}
