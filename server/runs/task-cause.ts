import { z } from "zod";

/** What a Lambda that failed leaves as the cause. */
const LambdaCause = z.object({ errorMessage: z.string() });

/**
 * The words of a failure's cause: plain where our own process or Step Functions itself says them, in JSON where a Lambda
 * failed, which holds the stack too.
 */
export function causeMessage(cause: string): string {
  try {
    return LambdaCause.parse(JSON.parse(cause)).errorMessage;
  } catch {
    // Not JSON, or not a Lambda's.
    return cause;
  }
}
